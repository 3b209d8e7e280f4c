import type { ChatRow } from '../../db/stores/chat-store.ts';
import type { Session } from '../../db/database.ts';
import { membersOf, type MemberRow } from '../../db/stores/member-store.ts';
import { firstUnreadId } from '../../db/stores/message-store.ts';
import { membershipRow, type RecentRecord } from '../../db/stores/recent-store.ts';
import { findUsers, type UserRow } from '../../db/stores/user-store.ts';
import { chatTypeName, permissionsOf, type Permissions, type Restrictions, restrictionsOf, ROLE, roleName, type RoleName } from '../access/rights.ts';
import { viewChat } from './chat-view.ts';
import { hexOf, userHex } from './colors.ts';
import type { Zone } from '../../base/dates.ts';
import { type Dialog, dialogIdOf, type DialogRef, openDialog } from '../access/dialogs.ts';
import type { EntityLink } from './entity-link.ts';
import { done, type Outcome, refused } from '../../base/outcome.ts';
import type { Messenger } from '../messenger.ts';
import { emptyChat } from '../posting/posting.ts';
import { present } from './presenting.ts';
import { fullName } from './user-view.ts';

/** How many members' read positions a card shows: more would make a wide chat's card as long as its member list. */
const READERS_SHOWN = 100;

export interface Reader {
  user_id: number;
  user_name: string;
  message_id: number;
  date: string | null;
}

/** A dialog's card (page im.dialog.get). Zero stands for "none" in the ids, dates are ATOM strings. */
export interface DialogView {
  id: number;
  parent_chat_id: number;
  parent_message_id: number;
  name: string;
  description: string;
  owner: number;
  extranet: boolean;
  avatar: string;
  color: string;
  type: string;
  counter: number;
  user_counter: number;
  message_count: number;
  unread_id: number;
  restrictions: Restrictions;
  last_message_id: number;
  last_id: number;
  marked_id: number;
  disk_folder_id: number;
  entity_type: string;
  entity_id: string;
  entity_data_1: string;
  entity_data_2: string;
  entity_data_3: string;
  mute_list: number[];
  date_create: string;
  message_type: string;
  public: '';
  role: RoleName;
  entity_link: EntityLink;
  text_field_enabled: boolean;
  background_id: null;
  permissions: Permissions;
  is_new: boolean;
  readed_list: Reader[];
  manager_list: number[];
  last_message_views: { message_id: number; first_viewers: Array<Omit<Reader, 'message_id'>>; count_of_viewers: number };
  dialog_id: string;
}

/** The card of a dialog the viewer has access to. A private dialog without a chat yet has the id 0. */
export async function viewDialog(m: Messenger, viewerId: number, ref: DialogRef): Promise<Outcome<DialogView, 'no_access'>> {
  const { zone } = await m.settings();
  return m.db.read(async (s) => {
    const dialog = await openDialog(s, viewerId, ref);
    if (!dialog) return refused('no_access');
    const chat = dialog.chat ?? unwritten(m.clock.now());
    const row = (dialog.member && (await membershipRow(s, viewerId, chat.id))) ?? asGuest(viewerId, chat, dialog.peer);
    const readers = await readersOf(s, zone, chat, viewerId);
    const view = present(m, { dialog: chat.id, user: viewerId }, () => card(zone, row, chat, dialog));
    return view ? done({ ...view, ...(await reading(s, row, chat, readers)) }) : refused('no_access');
  });
}

function unwritten(at: number): ChatRow {
  return { ...emptyChat(at), id: 0, type: 'P' };
}

/** What somebody without a membership sees: nothing of theirs in it. */
function asGuest(viewerId: number, chat: ChatRow, peer: UserRow | undefined): RecentRecord {
  return {
    ...chat,
    user_id: viewerId,
    peer_id: peer?.id ?? 0,
    role: peer ? ROLE.member : ROLE.guest,
    muted: 0, pinned: 0, unread: 0, last_id: 0, start_id: 0, counter: 0,
    chat_id: chat.id,
    chat_created_at: chat.created_at,
    date_update: chat.bumped_at,
    message_id: null, author_id: null, text: null, params: null, message_at: null, seen: null, uuid: null,
  };
}

function card(zone: Zone, row: RecentRecord, chat: ChatRow, dialog: Dialog) {
  const { contains_collaber: _not_in_cards, title: _name_only, mute_list: _list_here, ...view } = viewChat(row, zone);
  const { peer } = dialog;
  return {
    ...view,
    name: peer ? fullName(peer) : chat.title,
    avatar: peer ? peer.avatar : chat.avatar,
    color: peer ? userHex(peer) : hexOf(chat.color),
    type: chatTypeName(chat),
    description: chat.description,
    restrictions: restrictionsOf(chat),
    permissions: permissionsOf(chat),
    role: roleName(row.role),
    mute_list: row.muted === 1 ? [row.user_id] : [],
    counter: row.counter,
    message_count: chat.message_count,
    last_message_id: chat.last_message_id,
    last_id: row.last_id,
    marked_id: 0,
    disk_folder_id: 0,
    is_new: false,
    dialog_id: String(dialogIdOf(row)),
  };
}

/** How far the others have read, and the first unread message of the viewer. */
async function reading(s: Session, row: RecentRecord, chat: ChatRow, readers: readonly Reader[]) {
  const viewers = readers.filter((reader) => chat.last_message_id > 0 && reader.message_id >= chat.last_message_id);
  return {
    unread_id: row.counter > 0 ? await firstUnreadId(s, row) : 0,
    readed_list: [...readers],
    last_message_views: {
      message_id: chat.last_message_id,
      first_viewers: viewers.slice(0, 1).map(({ user_id, user_name, date }) => ({ user_id, user_name, date })),
      count_of_viewers: viewers.length,
    },
  };
}

async function readersOf(s: Session, zone: Zone, chat: ChatRow, viewerId: number): Promise<Reader[]> {
  const members = (await membersOf(s, chat.id, READERS_SHOWN + 1)).filter((member) => member.user_id !== viewerId);
  const users = new Map((await findUsers(s, members.map((member) => member.user_id))).map((user) => [user.id, user]));
  return members.slice(0, READERS_SHOWN).flatMap((member) => {
    const user = users.get(member.user_id);
    return user ? [{ user_id: user.id, user_name: fullName(user), message_id: member.last_id, date: readAt(member, (ms) => zone.atom(ms)) }] : [];
  });
}

function readAt(member: MemberRow, format: (ms: number) => string): string | null {
  return member.last_id > 0 ? format(member.updated_at) : null;
}
