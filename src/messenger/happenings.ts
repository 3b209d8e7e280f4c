/** What applications can be told of: an entry of the journal that says who did it, and how many events may follow. */
import type { What } from '../db/changes.ts';
import type { WriteSession } from '../db/database.ts';
import type { Messenger } from './messenger.ts';

export type Happening = Extract<What, 'message.added' | 'message.updated' | 'message.deleted' | 'reaction.added' | 'reaction.deleted' | 'chat.joined' | 'user.added'>;

/** What it is about. */
export interface Subject {
  chatId?: number;
  /** The message, or the user who joined or was added. */
  subjectId: number;
  /** The code of a reaction. */
  detail?: string;
}

/** @param actorId whose action it is; 0 for nobody's */
export function happened(s: WriteSession, { hops, via }: Messenger, what: Happening, actorId: number, subject: Subject): void {
  s.changes.note({ what, actorId, hops, via, ...subject });
}
