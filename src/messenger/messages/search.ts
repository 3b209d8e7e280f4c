import { likesOf } from '../../db/stores/like-store.ts';
import { type MessageSearch, searchMessages } from '../../db/stores/search-store.ts';
import { openDialog } from '../access/dialogs.ts';
import type { Viewer } from '../access/viewer.ts';
import { done, type Outcome, refused } from '../../base/outcome.ts';
import { pageLinks } from '../file-links.ts';
import { flatMapGently, type Messenger } from '../messenger.ts';
import { authorsOf } from '../posting/named-users.ts';
import { filesOf, uploaders, viewFiles } from '../posting/message-files.ts';
import { present } from '../views/presenting.ts';
import { type Found, viewCamelUser, viewFoundMessage, viewReaction, viewShortUser } from '../views/search-view.ts';
import { isUnread } from './history.ts';

/** Messages of one chat that the viewer may see, with who wrote and who likes them, and their files. `origin` as in {@link readHistory}. */
export async function searchChat(m: Messenger, viewer: Viewer, search: Omit<MessageSearch, 'startId'>, origin: string): Promise<Outcome<Found, 'no_access'>> {
  const { zone, linkSecret } = await m.settings();
  return m.large.run(() => m.db.read(async (s) => {
    const dialog = await openDialog(s, viewer, { kind: 'chat', id: search.chatId });
    if (!dialog) return refused('no_access');
    const { member } = dialog;
    const rows = await searchMessages(s, { ...search, startId: member?.start_id ?? 0 });
    const files = await filesOf(s, rows);
    const [authors, likes] = await Promise.all([authorsOf(s, viewer, [...rows, ...uploaders(files)]), likesOf(s, rows.map((row) => row.id))]);
    return done({
      users: await flatMapGently(authors, (user) => present(m, { user: user.id }, () => viewCamelUser(user, zone))),
      files: viewFiles(m, files, authors, zone, pageLinks(origin, linkSecret, viewer.userId, m.clock.now())),
      additionalMessages: [],
      copilot: null,
      stickers: [],
      reactions: rows.flatMap(({ id }) => (likes.has(id) ? [viewReaction(id, likes.get(id)!, viewer.userId)] : [])),
      tariffRestrictions: { isHistoryLimitExceeded: false },
      usersShort: authors.map(viewShortUser),
      messages: await flatMapGently(rows, (row) => present(m, { message: row.id }, () => viewFoundMessage(row, zone, isUnread(row, member)))),
    });
  }));
}
