import type { Session } from '../../db/database.ts';
import { findMessage, type MessageRow } from '../../db/stores/message-store.ts';
import { openDialog } from '../access/dialogs.ts';
import type { Viewer } from '../access/viewer.ts';
import { FORWARD, type Forward, storedForward } from '../views/forward-view.ts';
import { storedMap } from '../views/presenting.ts';
import type { MessageParams } from './posting.ts';

/** What goes along. Buttons do not: they are for those to whom they were shown. */
const CARRIED = ['ATTACH', 'FILE_ID', 'STICKER_ID', 'URL_ID', 'URL_ONLY'] as const;

/** What a forwarded message says in another chat. */
export interface Forwarded {
  text: string;
  params: MessageParams;
  origin: MessageRow;
}

/** A message as it is forwarded; undefined for one that the viewer may not see, that is deleted, or that the messenger itself wrote. */
export async function forwardable(s: Session, viewer: Viewer, messageId: number): Promise<Forwarded | undefined> {
  const origin = await findMessage(s, messageId);
  if (!origin || origin.deleted === 1 || origin.author_id === 0) return undefined;
  const dialog = await openDialog(s, viewer, { kind: 'chat', id: origin.chat_id });
  if (!dialog || messageId < (dialog.member?.start_id ?? 0)) return undefined;
  const stored = storedMap(origin.params);
  const params: MessageParams = { [FORWARD]: storedForward(stored) ?? sourceOf(origin) };
  for (const name of CARRIED) if (name in stored) params[name] = stored[name];
  return { text: origin.text, params, origin };
}

/** Of what was itself forwarded the first source stays. */
function sourceOf({ id, author_id, chat_id, created_at }: MessageRow): Forward {
  return { id, userId: author_id, chatId: chat_id, at: created_at };
}
