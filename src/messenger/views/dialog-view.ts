import { z } from 'zod';
import type { Zone } from '../../base/dates.ts';
import type { ChatRow } from '../../db/stores/chat-store.ts';
import type { MemberRow } from '../../db/stores/member-store.ts';
import type { RecentRecord } from '../../db/stores/recent-store.ts';
import type { UserRow } from '../../db/stores/user-store.ts';
import { dialogIdOf } from '../access/dialogs.ts';
import { chatTypeName, permissionsOf, restrictionsOf, roleName } from '../access/rights.ts';
import { chatFields, restrictionsShape, viewChat } from './chat-view.ts';
import { entityPath } from './entity-link.ts';
import { hexOf, userHex } from './colors.ts';
import { atom, int } from './scalars.ts';
import { fullName } from './user-view.ts';

const readerShape = z.strictObject({ user_id: int, user_name: z.string(), date: atom.nullable() });

/** A dialog's card (page im.dialog.get). Zero stands for "none" in the ids. */
export const dialogShape = z.strictObject({
  ...chatFields,
  restrictions: restrictionsShape.extend({
    path: z.string().optional().describe('Path of the thing that the chat belongs to, with #ID# for its id'),
    path_title: z.string().optional().describe('What the way there is called'),
  }).describe('What may be done with chats of this kind'),
  description: z.string().describe('Description of the chat'),
  counter: int.nonnegative().describe('Unread messages'),
  message_count: int.describe('Messages in the chat'),
  unread_id: int.describe('First unread message; 0 for none'),
  last_message_id: int.describe('Last message'),
  last_id: int.describe('Last message that the caller has read'),
  marked_id: int.describe('Always 0 here'),
  disk_folder_id: int.describe('Always 0 here'),
  mute_list: z.array(int).describe('The caller, when they have muted the chat'),
  role: z.enum(['guest', 'member', 'manager', 'owner']).describe('Role of the caller'),
  is_new: z.boolean().describe('Always false here'),
  readed_list: z.array(readerShape.extend({ message_id: int })).describe('How far the other members have read'),
  last_message_views: z.strictObject({ message_id: int, first_viewers: z.array(readerShape), count_of_viewers: int }).describe('Who has seen the last message'),
  dialog_id: z.string().describe('Dialog id: a user number or chatN'),
}).meta({ id: 'Dialog' });

export type DialogView = z.infer<typeof dialogShape>;

/** A chat that was found (page im.search.chat.list): its card without who is in it and how far they have read. */
export const searchChatShape = dialogShape
  .omit({ readed_list: true, manager_list: true, last_message_views: true, dialog_id: true })
  .meta({ id: 'SearchChat' });

export type SearchChat = z.infer<typeof searchChatShape>;

export function toSearchChat({ readed_list: _readers, manager_list: _managers, last_message_views: _views, dialog_id: _id, ...chat }: DialogView): SearchChat {
  return chat;
}

/** How far a dialog is read by now (page im.dialog.read). */
export const readResultShape = z.strictObject({ dialogId: z.union([z.string(), int]), chatId: int, lastId: int, counter: int });

export type ReadResult = z.infer<typeof readResultShape>;

/** What a card is made of. */
export interface Card {
  /** The viewer's row of the dialog. */
  row: RecentRecord;
  chat: ChatRow;
  /** The other user of a private dialog. */
  peer: UserRow | undefined;
  /** The other members, or some of them. */
  readers: ReadonlyArray<{ user: UserRow; member: MemberRow }>;
  /** The viewer's first unread message; 0 for none. */
  unreadId: number;
}

export function viewDialog({ row, chat, peer, readers, unreadId }: Card, zone: Zone): DialogView {
  const { contains_collaber: _not_in_cards, title: _name_only, mute_list: _list_here, ...view } = viewChat(row, zone);
  return {
    ...view,
    name: peer ? fullName(peer) : chat.title,
    avatar: peer ? peer.avatar : chat.avatar,
    color: peer ? userHex(peer) : hexOf(chat.color),
    type: chatTypeName(chat),
    description: chat.description,
    restrictions: { ...restrictionsOf(chat), ...entityPath(chat.entity_type) },
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
    unread_id: unreadId,
    ...viewReading(readers, chat, zone),
  };
}

/** How far the others have read. */
function viewReading(members: Card['readers'], { last_message_id: lastId }: ChatRow, zone: Zone) {
  const readers = members.map(({ user, member }) => ({ user_id: user.id, user_name: fullName(user), message_id: member.last_id, date: readAt(member, zone) }));
  const viewers = readers.filter((reader) => lastId > 0 && reader.message_id >= lastId);
  return {
    readed_list: readers,
    last_message_views: {
      message_id: lastId,
      first_viewers: viewers.slice(0, 1).map(({ user_id, user_name, date }) => ({ user_id, user_name, date })),
      count_of_viewers: viewers.length,
    },
  };
}

function readAt(member: MemberRow, zone: Zone): string | null {
  return member.last_id > 0 ? zone.atom(member.updated_at) : null;
}
