import { chatsOf, type MessageSearch, sidesIn } from '../../db/stores/found-store.ts';
import type { MemberRow } from '../../db/stores/member-store.ts';
import type { MessageRow } from '../../db/stores/message-store.ts';
import { reactionsOf } from '../../db/stores/reaction-store.ts';
import { searchMessages } from '../../db/stores/search-store.ts';
import { findUsers } from '../../db/stores/user-store.ts';
import type { Session } from '../../db/database.ts';
import { openDialog } from '../access/dialogs.ts';
import { closedDialogs } from '../access/meeting.ts';
import type { Viewer } from '../access/viewer.ts';
import { done, type Outcome, refused } from '../../base/outcome.ts';
import { pageLinks } from '../file-links.ts';
import { flatMapGently, type Messenger } from '../messenger.ts';
import { authorsOf } from '../posting/named-users.ts';
import { filesOf, uploaders, viewFiles } from '../posting/message-files.ts';
import { present } from '../views/presenting.ts';
import {
  type Found, type FoundAnywhere, viewCamelUser, viewFoundChat, viewFoundMessage, viewShortUser,
} from '../views/search-view.ts';
import { viewReaction } from '../views/reaction-view.ts';
import { isUnread } from './history.ts';

type Wanted = Omit<MessageSearch, 'scope'>;

/** Messages of one chat that the viewer may see, with who wrote them, who reacted, and their files. `origin` as in `readHistory`. */
export async function searchChat(m: Messenger, viewer: Viewer, chatId: number, wanted: Wanted, origin: string): Promise<Outcome<Found, 'no_access'>> {
  return m.large.run(() => m.db.read(async (s) => {
    const dialog = await openDialog(s, viewer, { kind: 'chat', id: chatId });
    if (!dialog) return refused('no_access');
    const { member } = dialog;
    const rows = await searchMessages(s, m.db.texts, { ...wanted, scope: { chatId, startId: member?.start_id ?? 0 } });
    return done(await viewFound(s, m, viewer, rows, () => member, origin));
  }));
}

/** The same of all the viewer's chats, with the chats. */
export async function searchEverywhere(m: Messenger, viewer: Viewer, wanted: Wanted, origin: string): Promise<FoundAnywhere> {
  return m.large.run(() => m.db.read(async (s) => {
    const rows = await searchMessages(s, m.db.texts, { ...wanted, scope: { userId: viewer.userId, except: await closedDialogs(s, viewer) } });
    const chatIds = [...new Set(rows.map((row) => row.chat_id))];
    const [sides, chats] = await Promise.all([sidesIn(s, viewer.userId, chatIds), chatsOf(s, chatIds)]);
    const byChat = new Map(sides.map((side) => [side.chat_id, side]));
    const peers = new Map((await findUsers(s, new Set(sides.map((side) => side.peer_id)))).map((user) => [user.id, user]));
    const found = await viewFound(s, m, viewer, rows, (row) => byChat.get(row.chat_id), origin);
    return { ...found, chats: chats.map((chat) => viewFoundChat(chat, peers.get(byChat.get(chat.id)?.peer_id ?? 0))) };
  }));
}

async function viewFound(
  s: Session, m: Messenger, viewer: Viewer, rows: readonly MessageRow[], sideOf: (row: MessageRow) => MemberRow | undefined, origin: string,
): Promise<Found> {
  const { zone, linkSecret } = await m.settings();
  const files = await filesOf(s, rows);
  const [authors, reactions] = await Promise.all([authorsOf(s, viewer, [...rows, ...uploaders(files)]), reactionsOf(s, rows.map((row) => row.id))]);
  return {
    users: await flatMapGently(authors, (user) => present(m, { user: user.id }, () => viewCamelUser(user, zone))),
    files: viewFiles(m, files, authors, zone, pageLinks(origin, linkSecret, viewer.userId, m.clock.now())),
    additionalMessages: [],
    copilot: null,
    stickers: [],
    reactions: rows.flatMap(({ id }) => (reactions.has(id) ? [viewReaction(id, reactions.get(id)!, viewer.userId)] : [])),
    tariffRestrictions: { isHistoryLimitExceeded: false },
    usersShort: authors.map(viewShortUser),
    messages: await flatMapGently(rows, (row) => present(m, { message: row.id }, () => viewFoundMessage(row, zone, isUnread(row, sideOf(row))))),
  };
}
