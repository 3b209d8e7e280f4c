/** What can be done with a message. */
import { call } from '../../lib/api.ts';
import { userId as me } from '../../lib/told.ts';
import { composers } from '../composer/handle.ts';
import { toast } from '../store/toast.ts';
import type { Message, Reactions } from './message.ts';
import type { RowActions } from './message-row.tsx';
import { outbox } from './outgoing.ts';
import { REACTIONS } from './reactions.ts';
import { reactionPicker } from './picking.ts';
import type { Talk } from './talk.ts';
import { t } from './words.ts';

export function actionsFor(talk: Talk): RowActions {
  return {
    reply: (message) => (talk.answering.value = message),
    menu: (message, at, event) => {
      const place = event && event.clientX > 0 ? { x: event.clientX, y: event.clientY } : at.getBoundingClientRect();
      void import('./message-menu.ts').then(({ openMessageMenu }) => openMessageMenu(talk, message, place), failed);
    },
    react: (message, code) => void react(talk, message, code),
    pickReaction: (message, at) => (reactionPicker.value = { at: at.getBoundingClientRect(), choose: (code) => void react(talk, message, code) }),
    jump: (id) => void talk.jumpTo(id).then((found) => !found && toast(t('gone'))),
    retry: () => outbox.retry(talk.dialogId),
    discard: (uuid) => outbox.remove(talk.dialogId, uuid),
    send: (text) => void outbox.add({ dialogId: talk.dialogId, text }),
    put: (text) => composers.current?.put(text),
  };
}

export function failed(error: unknown): void {
  toast(t('failedAction', { why: (error as Error).message }), { kind: 'bad' });
}

/** Shows at once; what the server refuses is taken back. */
export async function react(talk: Talk, message: Message, code: string): Promise<void> {
  if (!(code in REACTIONS)) return;
  const before = message.reactions;
  const mine = before[code]?.includes(me) ?? false;
  talk.reacted(message.id, withMine(before, code, !mine));
  try {
    await call('tidemark.message.react', { MESSAGE_ID: message.id, REACTION: code, ACTION: mine ? 'delete' : 'add' });
  } catch (error) {
    if ((error as { code?: string }).code === 'WITHOUT_CHANGES') return;
    talk.reacted(message.id, before);
    failed(error);
  }
}

function withMine(reactions: Reactions, code: string, on: boolean): Reactions {
  const { [code]: users = [], ...others } = reactions;
  const changed = on ? [...users, me] : users.filter((id) => id !== me);
  if (changed.length === 0) return others;
  return { ...reactions, [code]: changed };
}
