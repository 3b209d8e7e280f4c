/** Messages as the vendor's clients are told of them. */
import type { Zone } from '../../../../base/dates.ts';
import type { ChatRow } from '../../../../db/stores/chat-store.ts';
import type { MessageRow } from '../../../../db/stores/message-store.ts';
import { pageLinks } from '../../../../messenger/file-links.ts';
import { viewFiles } from '../../../../messenger/posting/message-files.ts';
import { chatTypeName, permissionsOf, restrictionsOf } from '../../../../messenger/access/rights.ts';
import { hexOf } from '../../../../messenger/views/colors.ts';
import { viewMessage } from '../../../../messenger/views/message-view.ts';
import { storedIntegers } from '../../../../messenger/views/presenting.ts';
import { asStranger, viewUser } from '../../../../messenger/views/user-view.ts';
import type { Around, MessageNews, ReactionNews, Recipient, Side } from '../../happening.ts';
import { type Command, counterType, countersOf, type Params, withSide } from './command.ts';

const LIKE = 'like';

export function messageCommands(news: MessageNews, around: Around): Command[] {
  if (news.action === 'added') return [addedCommand(news, around)];
  return [news.action === 'updated' ? updatedCommand(news, around) : deletedCommand(news, around)];
}

/** What a message of the chat is called: in private dialogs otherwise than in chats. */
const kindOf = ({ type }: ChatRow) => (type === 'P' ? 'private' : 'chat');

function addedCommand(news: MessageNews, around: Around): Command {
  const { chat } = news;
  const message = news.message!;
  const isPrivate = chat.type === 'P';
  const view = addedMessage(message, around.zone);
  return {
    name: isPrivate ? 'message' : 'messageChat',
    shared: {
      chatId: chat.id,
      dateLastActivity: around.zone.atom(chat.last_message_at),
      chat: isPrivate ? [] : { [chat.id]: pullChat(chat, around.zone) },
      lines: null, multidialog: null, copilot: null, userInChat: [], userBlockChat: [],
      counterType: counterType(chat), notify: chat.type !== 'T',
      ...(!isPrivate && { dialogId: `chat${chat.id}`, message: { ...view, recipientId: `chat${chat.id}` } }),
    },
    own: withSide((side, to) => ({
      ...(isPrivate && { dialogId: side.dialogId, message: { ...view, recipientId: recipientOf(message, side, to) } }),
      users: usersOf(news, to, around.zone),
      files: filesFor(news, to, around),
      counter: side.row.counter,
    })),
  };
}

/** To whom a private message went. */
function recipientOf(message: MessageRow, side: Side, { viewer }: Recipient): number {
  return message.author_id === viewer.userId ? side.row.peer_id : viewer.userId;
}

function addedMessage(message: MessageRow, zone: Zone): Params {
  const { params, uuid, text, date, forward } = viewMessage(message, zone, false);
  return {
    id: message.id, templateId: uuid ?? '', templateFileId: '', chatId: message.chat_id, senderId: message.author_id, system: message.system === 1 ? 'Y' : 'N',
    date, text, textLegacy: text, params, counter: 0, isImportant: false, importantFor: [], additionalEntities: [], forward,
  };
}

function usersOf({ users }: MessageNews, { strangers }: Recipient, zone: Zone): Params | null {
  if (users.length === 0) return null;
  return Object.fromEntries(users.map((user) => [user.id, viewUser(strangers.has(user.id) ? asStranger(user) : user, zone)]));
}

function filesFor({ files, users }: MessageNews, { viewer, origin }: Recipient, { m, zone, linkSecret, now }: Around): Params | [] {
  if (files.length === 0) return [];
  const views = viewFiles(m, files, users, zone, pageLinks(origin, linkSecret, viewer.userId, now));
  return Object.fromEntries(views.map((file) => [file.id, file]));
}

/** What of a chat all members see alike. */
export function pullChat(chat: ChatRow, zone: Zone): Params {
  return {
    id: chat.id, parent_chat_id: chat.parent_chat_id, parent_message_id: chat.parent_message_id, name: chat.title, description: chat.description, owner: chat.owner_id,
    extranet: chat.extranet === 1, avatar: chat.avatar, color: hexOf(chat.color), type: chatTypeName(chat), entity_type: chat.entity_type, entity_id: chat.entity_id,
    entity_data_1: chat.entity_data_1, entity_data_2: chat.entity_data_2, entity_data_3: chat.entity_data_3, manager_list: storedIntegers(chat.manager_ids),
    date_create: zone.atom(chat.created_at), message_type: chat.type, user_counter: chat.member_count, restrictions: restrictionsOf(chat), permissions: permissionsOf(chat),
  };
}

function updatedCommand(news: MessageNews, around: Around): Command {
  const { chat } = news;
  const message = news.message!;
  const { params, text } = viewMessage(message, around.zone, false, news.reactions.get(LIKE));
  return {
    name: 'messageUpdate',
    shared: { id: message.id, type: kindOf(chat), text, textLegacy: text, chatId: chat.id, senderId: message.author_id, params },
    own: withSide((side, to) => ({ dialogId: side.dialogId, ...pairOf(chat, message, side, to) })),
  };
}

function pairOf(chat: ChatRow, message: MessageRow, side: Side, to: Recipient): Params {
  return chat.type === 'P' ? { fromUserId: message.author_id, toUserId: recipientOf(message, side, to) } : {};
}

const DELETED = { IS_DELETED: 'Y', URL_ID: [], FILE_ID: [], KEYBOARD: 'N', ATTACH: [] } as const;

function deletedCommand({ chat, messageId, message, action }: MessageNews, { zone }: Around): Command {
  const isGone = action === 'erased';
  return {
    name: isGone ? 'messageDeleteComplete' : 'messageDelete',
    shared: {
      id: messageId, type: kindOf(chat), text: message?.text ?? '', senderId: message?.author_id ?? 0, params: DELETED, chatId: chat.id, counterType: counterType(chat),
      ...(isGone && { lastMessageViews: [] }),
    },
    own: withSide((side) => ({ dialogId: side.dialogId, ...countersOf(side), ...(isGone && wasLast(side, messageId) && { newLastMessage: lastMessage(side, zone) }) })),
  };
}

/** Whether nothing newer is left. */
function wasLast({ row }: Side, messageId: number): boolean {
  return (row.message_id ?? 0) < messageId;
}

export function lastMessage({ row }: Side, zone: Zone): Params {
  if (row.message_id === null || row.message_id < row.start_id) return { id: 0 };
  const { message_id, author_id, text, params, uuid, seen, message_at } = row;
  return {
    id: message_id, chat_id: row.chat_id, author_id, date: zone.atom(message_at ?? row.last_message_at), text, unread: row.counter > 0, uuid, viewedByOthers: seen === 1,
    params: params ? (JSON.parse(params) as unknown) : [],
  };
}

/** Likes have a command of their own besides. */
export function reactionCommands({ chat, messageId, message, userId, code, set, reactions }: ReactionNews): Command[] {
  const counters = Object.fromEntries([...reactions].map(([one, ids]) => [one, ids.length]));
  const reaction: Command = {
    name: set ? 'addReaction' : 'deleteReaction',
    shared: {
      userId, reaction: code,
      actualReactions: { reaction: { messageId, reactionCounters: counters, reactionUsers: Object.fromEntries(reactions) }, usersShort: [] },
    },
    own: withSide((side, { viewer }) => ({ dialogId: side.dialogId, ownReactions: [...reactions].filter(([, ids]) => ids.includes(viewer.userId)).map(([one]) => one) })),
  };
  if (code !== LIKE) return [reaction];
  const like: Command = {
    name: 'messageLike',
    shared: { id: messageId, chatId: chat.id, senderId: userId, set, users: reactions.get(LIKE) ?? [] },
    own: withSide((side) => ({ dialogId: side.dialogId })),
  };
  return message ? [like, reaction] : [reaction];
}
