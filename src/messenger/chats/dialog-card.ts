import { done, type Outcome, refused } from '../../base/outcome.ts';
import type { Zone } from '../../base/dates.ts';
import type { Session } from '../../db/database.ts';
import type { ChatRow } from '../../db/stores/chat-store.ts';
import { membersOf } from '../../db/stores/member-store.ts';
import { firstUnreadId } from '../../db/stores/message-store.ts';
import { membershipRow, type RecentRecord } from '../../db/stores/recent-store.ts';
import { findUsers, type UserRow } from '../../db/stores/user-store.ts';
import { type DialogRef, openDialog } from '../access/dialogs.ts';
import { ROLE } from '../access/rights.ts';
import type { Viewer } from '../access/viewer.ts';
import type { Messenger } from '../messenger.ts';
import { emptyChat } from '../posting/posting.ts';
import { type Card, type DialogView, viewDialog } from '../views/dialog-view.ts';
import { present } from '../views/presenting.ts';

/** How many members' read positions a card shows: more would make a wide chat's card as long as its member list. */
const READERS_SHOWN = 100;

/** The card of a dialog the viewer has access to. A private dialog without a chat yet has the id 0. */
export async function dialogCard(m: Messenger, viewer: Viewer, ref: DialogRef): Promise<Outcome<DialogView, 'no_access'>> {
  const { zone } = await m.settings();
  const view = await m.db.read((s) => cardIn(s, m, viewer, ref, zone));
  return view ? done(view) : refused('no_access');
}

/** The same within a look at the store; undefined without access. */
export async function cardIn(s: Session, m: Messenger, viewer: Viewer, ref: DialogRef, zone: Zone): Promise<DialogView | undefined> {
  const { userId: viewerId } = viewer;
  const dialog = await openDialog(s, viewer, ref);
  if (!dialog) return undefined;
  const { peer } = dialog;
  const chat = dialog.chat ?? unwritten(m.clock.now());
  const row = (dialog.member && (await membershipRow(s, viewerId, chat.id))) ?? asGuest(viewerId, chat, peer);
  const readers = await readersOf(s, chat.id, viewerId);
  const unreadId = row.counter > 0 ? await firstUnreadId(s, row) : 0;
  return present(m, { dialog: chat.id, user: viewerId }, () => viewDialog({ row, chat, peer, readers, unreadId }, zone));
}

function unwritten(at: number): ChatRow {
  return { ...emptyChat(at), id: 0, type: 'P', rev: 0, rev_seen: '', warm: 0 };
}

/** What somebody without a membership sees: nothing of theirs in it. */
function asGuest(viewerId: number, chat: ChatRow, peer: UserRow | undefined): RecentRecord {
  return {
    ...chat,
    user_id: viewerId,
    peer_id: peer?.id ?? 0,
    role: peer ? ROLE.member : ROLE.guest,
    muted: 0, pinned: 0, unread: 0, last_id: 0, start_id: 0, counter: 0, live_rev: 0,
    chat_id: chat.id,
    chat_created_at: chat.created_at,
    date_update: chat.bumped_at,
    message_id: null, author_id: null, text: null, params: null, message_at: null, seen: null, uuid: null,
  };
}

async function readersOf(s: Session, chatId: number, viewerId: number): Promise<Card['readers']> {
  const members = (await membersOf(s, chatId, READERS_SHOWN + 1)).filter((member) => member.user_id !== viewerId);
  const users = new Map((await findUsers(s, members.map((member) => member.user_id))).map((user) => [user.id, user]));
  return members.slice(0, READERS_SHOWN).flatMap((member) => {
    const user = users.get(member.user_id);
    return user ? [{ user, member }] : [];
  });
}
