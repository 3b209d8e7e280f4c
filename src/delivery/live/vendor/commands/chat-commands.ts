/** Reading, one's own side of a dialog, and what changes in chats, as the vendor's clients are told of it. */
import type { Zone } from '../../../../base/dates.ts';
import type { ChatRow } from '../../../../db/stores/chat-store.ts';
import { isChannel, permissionsOf } from '../../../../messenger/access/rights.ts';
import { hexOf } from '../../../../messenger/views/colors.ts';
import { storedIntegers } from '../../../../messenger/views/presenting.ts';
import { fullName, viewUser } from '../../../../messenger/views/user-view.ts';
import type { Around, ChatNews, ReadNews, Recipient, Side, SideNews } from '../../happening.ts';
import { lastMessage, pullChat } from './message-commands.ts';
import { type Command, counterType, countersOf, type Params, withSide } from './command.ts';

const HOUR = 3600;
const TEN_MINUTES = 600;
/** What the vendor shows at most where somebody is muted. */
const HIGHEST_COUNTER = 100;

export function readCommands(news: ReadNews, around: Around): Command[] {
  return [ownReading(news, around), othersReading(news, around)];
}

function ownReading({ chat, reader, unread, lastId, seen, at }: ReadNews, { zone }: Around): Command {
  const isPrivate = chat.type === 'P';
  const told = unread ? { unreadTo: lastId, date: zone.atom(at) } : { viewedMessages: seen };
  const ofChat = isPrivate ? {} : { parentChatId: chat.parent_chat_id, type: chat.type, lines: null, counterType: counterType(chat), lastId, ...(unread && { lastMessageViews: [] }) };
  return {
    name: `${unread ? 'unread' : 'read'}Message${isPrivate ? '' : 'Chat'}`,
    expiry: unread && isPrivate ? HOUR : 0,
    shared: { chatId: chat.id, userId: reader.id, senderId: reader.id, id: lastId, lastId, ...ofChat, ...told },
    own: (to) => (to.viewer.userId === reader.id && to.side ? { dialogId: to.side.dialogId, ...countersOf(to.side) } : undefined),
  };
}

function othersReading({ chat, reader, unread, lastId, seen, at }: ReadNews, { zone }: Around): Command {
  const isPrivate = chat.type === 'P';
  const told = unread ? { unreadTo: lastId, ...(!isPrivate && { lastMessageViews: [] }) } : { lastId, date: zone.atom(at), viewedMessages: seen };
  return {
    name: `${unread ? 'unread' : 'read'}Message${isPrivate ? '' : 'Chat'}Opponent`,
    expiry: isPrivate ? HOUR : TEN_MINUTES,
    shared: { chatId: chat.id, userId: reader.id, userName: fullName(reader), ...told },
    // Whoever reads a chat as a whole has seen none of its messages: as in the list.
    own: (to) => (to.viewer.userId !== reader.id && to.side ? { dialogId: to.side.dialogId, chatMessageStatus: to.side.row.seen === 1 ? 'delivered' : 'received' } : undefined),
  };
}

export function sideCommands({ chat, change }: SideNews, { zone }: Around): Command[] {
  const lines = null;
  const sided = (name: string, make: (side: Side) => Params, expiry = HOUR): Command[] => [
    { name, expiry, shared: { chatId: chat.id }, own: withSide((side) => ({ dialogId: side.dialogId, ...make(side) })) },
  ];
  if (change === 'comments') return [recentUpdate(chat, zone)];
  if (change === 'readComments') return [{ name: 'readAllChannelComments', shared: { chatId: chat.id }, own: membersOnly }];
  if (change === 'subscribe') return [commentSubscribe(chat)];
  if (change === 'pin' || change === 'unpin') return sided('chatPin', () => ({ active: change === 'pin' }));
  if (change === 'hide') return sided('chatHide', () => ({ lines: chat.entity_type === 'LINES' }));
  if (change === 'mark') {
    return sided('chatUnread', (side) => ({ ...countersOf(side), active: side.row.unread === 1, markedId: side.row.unread === 1 ? side.row.last_id : 0, lines, counterType: counterType(chat) }));
  }
  return sided('chatMuteNotify', (side) => {
    const { counter, muted, unread } = countersOf(side);
    return { muted, mute: muted, counter: Math.min(counter, HIGHEST_COUNTER), lines, unread, counterType: counterType(chat) };
  });
}

/** The row has moved by what happens elsewhere. */
function recentUpdate(chat: ChatRow, zone: Zone): Command {
  return {
    name: 'recentUpdate',
    shared: { chatId: chat.id, dialogId: `chat${chat.id}`, chat: pullChat(chat, zone), counterType: counterType(chat) },
    own: ({ side, item }) => {
      const row = side && item?.();
      return row && { messages: [lastMessage(side, zone)], users: [row.user], counter: Math.min(row.counter, HIGHEST_COUNTER), lastActivityDate: row.date_last_activity };
    },
  };
}

/** To the comments of a channel's post. */
function commentSubscribe({ parent_chat_id, parent_message_id }: ChatRow): Command {
  return { name: 'commentSubscribe', shared: { dialogId: `chat${parent_chat_id}`, subscribe: true, messageId: parent_message_id }, own: membersOnly };
}

/** One for each word of what has changed that the vendor has a command for. */
export function chatCommands(news: ChatNews, around: Around): Command[] {
  const { chat, joined, left } = news;
  const whole = { dialogId: `chat${chat.id}`, chatId: chat.id };
  const simple: Record<string, Command> = {
    title: { name: 'chatRename', shared: { chatId: chat.id, name: chat.title } },
    color: { name: 'chatChangeColor', expiry: HOUR, shared: { chatId: chat.id, color: hexOf(chat.color) } },
    avatar: { name: 'chatAvatar', shared: { chatId: chat.id, avatar: chat.avatar } },
    description: { name: 'chatDescription', shared: { chatId: chat.id, description: chat.description } },
    owner: { name: 'chatOwner', shared: { ...whole, userId: chat.owner_id } },
    managers: { name: 'chatManagers', shared: { ...whole, list: storedIntegers(chat.manager_ids) } },
    permissions: { name: 'chatUpdateParams', shared: { ...whole, permissions: permissionsOf(chat) } },
  };
  const commands: Command[] = news.change.split(',').flatMap((word) => simple[word] ?? []).map((command) => ({ ...command, own: membersOnly }));
  if (joined.length > 0) commands.push({ name: 'chatUserAdd', shared: { ...joinedParams(news, around) }, own: membersOnly });
  if (joined.length > 0 && isChannel(chat.type)) commands.push(showCommand(joined));
  return [...commands, ...left.map((user): Command => ({
    name: 'chatUserLeave',
    shared: { ...whole, chatTitle: chat.title, userId: user.id, message: '', userCount: chat.member_count, chatExtranet: chat.extranet === 1 },
  }))];
}

/** Into a channel one comes without a message that would bring its row. */
function showCommand(joined: ChatNews['joined']): Command {
  return { name: 'chatShow', shared: {}, own: ({ viewer, item }) => (joined.some(({ id }) => id === viewer.userId) ? item?.() : undefined) };
}

/** Whoever has just left hears of that alone. */
function membersOnly({ side }: Recipient): Params | undefined {
  return side && {};
}

function joinedParams({ chat, joined }: ChatNews, { zone }: Around): Params {
  return {
    chatId: chat.id, dialogId: `chat${chat.id}`, chatTitle: chat.title, chatOwner: chat.owner_id, chatExtranet: chat.extranet === 1,
    users: Object.fromEntries(joined.map((user) => [user.id, viewUser(user, zone)])), newUsers: joined.map(({ id }) => id), userCount: chat.member_count,
  };
}
