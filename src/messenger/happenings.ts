/** What applications can be told of, written down in the transaction that does it. */
import type { What } from '../db/changes.ts';
import type { WriteSession } from '../db/database.ts';
import { insertOccurrences } from '../db/stores/event-store.ts';
import type { Messenger } from './messenger.ts';

/** The events that each kind of thing may lead to. */
export const HAPPENINGS = {
  messageAdded: ['ONIMV2MESSAGEADD', 'ONOPENLINEMESSAGEADD'],
  messageUpdated: ['ONIMV2MESSAGEUPDATE', 'ONOPENLINEMESSAGEUPDATE'],
  messageDeleted: ['ONIMV2MESSAGEDELETE', 'ONOPENLINEMESSAGEDELETE'],
  chatJoined: ['ONIMV2JOINCHAT'],
  userAdded: ['ONUSERADD'],
} as const;

export type Happening = keyof typeof HAPPENINGS;

const ENTRIES: Readonly<Record<Happening, What>> = {
  messageAdded: 'message.added', messageUpdated: 'message.updated', messageDeleted: 'message.deleted', chatJoined: 'chat.joined', userAdded: 'user.added',
};

/** What it is about. */
export interface Subject {
  chatId?: number;
  messageId?: number;
  /** Who joined, or was added. */
  userId?: number;
}

/** @param actorId whose action it is; 0 for nobody's */
export function happened(s: WriteSession, m: Messenger, what: Happening, actorId: number, subject: Subject): Promise<void> {
  return happenedToEach(s, m, what, actorId, [subject]);
}

/** The same that happened to several at once. */
export async function happenedToEach(s: WriteSession, m: Messenger, what: Happening, actorId: number, subjects: readonly Subject[]): Promise<void> {
  for (const { chatId = 0, messageId, userId } of subjects) {
    s.changes.note({ what: ENTRIES[what], chatId, subjectId: messageId ?? userId ?? 0, actorId, hops: m.hops });
  }
  if (subjects.length === 0 || m.hops <= 0 || !HAPPENINGS[what].some((event) => m.watched().has(event))) return;
  const common = { event: what, user_id: actorId, hops: m.hops, created_at: m.clock.now() };
  await insertOccurrences(s, subjects.map((subject) => ({ ...common, subject: JSON.stringify(subject) })));
}
