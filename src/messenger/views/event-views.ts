/** Messages, chats and users as events show them: in camel case. Dates are ATOM strings, absent ones false. */
import type { ChatRow } from '../../db/stores/chat-store.ts';
import type { MessageRow } from '../../db/stores/message-store.ts';
import type { UserRow } from '../../db/stores/user-store.ts';
import { chatTypeName, permissionsOf } from '../access/rights.ts';
import { camelCased } from './camel-case.ts';
import { hexOf } from './colors.ts';
import type { Zone } from '../../base/dates.ts';
import { entityLink } from './entity-link.ts';
import { viewParams } from './forward-view.ts';
import { type UserView, viewUser } from './user-view.ts';

/** Longer texts are cut, and end with a mark that says so. */
const LONGEST_TEXT = 20_000;

export function eventMessage(message: MessageRow, zone: Zone) {
  const { params, forward } = viewParams(message.params, zone);
  const cut = message.text.length > LONGEST_TEXT;
  return {
    id: message.id,
    chatId: message.chat_id,
    authorId: message.author_id,
    date: zone.atom(message.created_at),
    text: cut ? `${message.text.slice(0, LONGEST_TEXT).toWellFormed()} (...)` : message.text,
    isSystem: message.system === 1,
    uuid: message.uuid ?? '',
    forward,
    params,
    viewedByOthers: message.seen === 1,
  };
}

/** @param userId for whom the links are */
export function eventChat(chat: ChatRow, dialogId: string, userId: number) {
  return {
    id: chat.id,
    dialogId,
    name: chat.title,
    type: chatTypeName(chat),
    messageType: chat.type,
    owner: chat.owner_id,
    color: hexOf(chat.color),
    avatar: chat.avatar,
    description: chat.description,
    extranet: chat.extranet === 1,
    containsCollaber: false,
    entityType: chat.entity_type,
    entityId: chat.entity_id,
    entityData1: chat.entity_data_1,
    entityData2: chat.entity_data_2,
    entityData3: chat.entity_data_3,
    entityLink: entityLink(chat.entity_type, chat.entity_id, userId),
    diskFolderId: 0,
    permissions: camelCased(permissionsOf(chat)),
    parentChatId: chat.parent_chat_id,
    parentMessageId: chat.parent_message_id,
    isNew: false,
    textFieldEnabled: 'Y',
    backgroundId: null,
  };
}

/** Presence is left out: an event may arrive much later. */
export function eventUser(user: UserRow, zone: Zone) {
  const { network: _network, bot_data: _botData, avatar_hr: _avatarHr, ...view }: UserView = viewUser(user, zone);
  return { ...camelCased(view), idle: false, lastActivityDate: false, mobileLastDate: false, desktopLastDate: false };
}

