import type { Session } from '../../db/database.ts';
import { history, type MessageRow, wasMessageOf } from '../../db/stores/message-store.ts';
import { reactionsOf } from '../../db/stores/reaction-store.ts';
import type { MemberRow } from '../../db/stores/member-store.ts';
import { type DialogRef, openDialog } from '../access/dialogs.ts';
import type { Viewer } from '../access/viewer.ts';
import { authorsOf } from '../posting/named-users.ts';
import { type HistoryPage, viewMessage } from '../views/message-view.ts';
import { filesOf, uploaders, viewFiles } from '../posting/message-files.ts';
import { viewReaction } from '../views/reaction-view.ts';
import { present } from '../views/presenting.ts';
import { done, type Outcome, refused } from '../../base/outcome.ts';
import { pageLinks } from '../file-links.ts';
import { flatMapGently, type Messenger } from '../messenger.ts';
import { viewUser } from '../views/user-view.ts';

export interface HistoryQuery {
  /** Messages with lower ids. */
  lastId?: number | undefined;
  /** Messages with higher ids. */
  firstId?: number | undefined;
  limit: number;
}

/**
 * A page of a dialog's messages, newest first. A cursor that was never a message of this dialog gives an empty page;
 * one that has been deleted since still works, so a walk through the history loses nothing.
 *
 * @param origin under which the viewer reaches the portal, for the addresses of files
 */
export async function readHistory(
  m: Messenger,
  viewer: Viewer,
  ref: DialogRef,
  query: HistoryQuery,
  origin: string,
): Promise<Outcome<HistoryPage, 'no_access'>> {
  const { zone, linkSecret } = await m.settings();
  return m.large.run(() => m.db.read(async (s) => {
    const dialog = await openDialog(s, viewer, ref);
    if (!dialog) return refused('no_access');
    const { chat, member } = dialog;
    if (!chat || !(await cursorsExist(s, chat.id, query))) return done({ chat_id: chat?.id ?? 0, messages: [], users: [], files: [], reactions: [] });
    const rows = await history(s, {
      chatId: chat.id,
      startId: member?.start_id ?? 0,
      below: query.lastId,
      above: query.firstId,
      limit: query.limit,
    });
    const files = await filesOf(s, rows);
    const [authors, reactions] = await Promise.all([authorsOf(s, viewer, [...rows, ...uploaders(files)]), reactionsOf(s, rows.map((row) => row.id))]);
    const users = authors.flatMap((user) => present(m, { user: user.id }, () => viewUser(user, zone)) ?? []);
    const messages = await flatMapGently(rows, (row) => present(m, { message: row.id }, () => viewMessage(row, zone, isUnread(row, member), reactions.get(row.id)?.get('like'))));
    return done({
      chat_id: chat.id,
      messages,
      users,
      files: viewFiles(m, files, authors, zone, pageLinks(origin, linkSecret, viewer.userId, m.clock.now())),
      reactions: [...reactions].map(([messageId, byCode]) => viewReaction(messageId, byCode, viewer.userId)),
    });
  }));
}

/** FIRST_ID=0 asks for the very first messages. */
async function cursorsExist(s: Session, chatId: number, query: HistoryQuery): Promise<boolean> {
  for (const id of [query.lastId, query.firstId]) {
    if (id !== undefined && id !== 0 && !(await wasMessageOf(s, chatId, id))) return false;
  }
  return true;
}

/** Just what the counter counts: it is the same subtraction, message by message. */
export function isUnread(message: MessageRow, member: Pick<MemberRow, 'read_count_seq' | 'user_id'> | undefined): boolean {
  if (!member || message.counts === 0 || message.deleted === 1) return false;
  return message.count_seq > member.read_count_seq && message.author_id !== member.user_id;
}
