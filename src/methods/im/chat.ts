import { z } from 'zod';
import { chatColor } from '../../messenger/views/colors.ts';
import { createChat } from '../../messenger/chats/chats.ts';
import { entityKind } from '../../messenger/chats/entity-types.ts';
import { chatMembers } from '../../messenger/chats/chat-settings.ts';
import { addMembers, leaveChat, removeMember } from '../../messenger/chats/membership.ts';
import { muteChat } from '../../messenger/recent/row-state.ts';
import { error } from '../../rest/method.ts';
import { flag, id, idList, text } from '../../rest/params.ts';
import { argumentError } from '../../rest/request-error.ts';
import { defineMethod } from '../app.ts';
import { keepPicture, pictureParam } from '../pictures.ts';
import { chatIdEmpty, chatOrDialog, dialogIdEmpty, optionalDialogId, optionalId, unavailable } from '../params.ts';

const MOST_USERS = 1000;

/** The letter of a chat by TYPE and ENTITY_TYPE: what is bound to an external entity has a letter of its own. */
function chatType(type: string, entityType: string): string {
  const { letter: own } = entityKind(entityType);
  if (own) return own;
  const letters: Record<string, string> = { '': 'C', CHAT: 'C', OPEN: 'O', CHANNEL: 'N', OPEN_CHANNEL: 'J', [COLLAB]: 'B' };
  const letter = letters[type];
  if (!letter) throw argumentError('TYPE', 'must be CHAT, OPEN, CHANNEL, OPEN_CHANNEL or COLLAB');
  return letter;
}

const COLLAB = 'COLLAB';

/** A collab is a workgroup, whatever else is said. */
function entityTypeOf(type: string, given: string | undefined): string {
  const entityType = entityTypeParam(given);
  if (type !== COLLAB || entityType === 'SONET_GROUP') return entityType;
  if (entityType !== '') throw argumentError('ENTITY_TYPE', 'of a collab must be SONET_GROUP');
  return 'SONET_GROUP';
}

function colorParam(code: string | undefined) {
  if (!code) return undefined;
  const color = chatColor(code);
  if (!color) throw argumentError('COLOR', 'is not a colour code such as AZURE');
  return color;
}

const ENTITY_TYPE = /^[A-Z0-9_]*$/;

function entityTypeParam(raw: string | undefined): string {
  const entityType = (raw ?? '').toUpperCase();
  if (!ENTITY_TYPE.test(entityType)) throw argumentError('ENTITY_TYPE', 'must be letters, digits and underscores');
  if (entityKind(entityType).maker === 'nobody') throw argumentError('ENTITY_TYPE', 'is a kind of chat, not of the thing that a chat belongs to');
  return entityType;
}

const add = defineMethod({
  name: 'im.chat.add',
  scope: 'im',
  summary: 'Creates a group chat and gives its id; the caller owns it. A task, a workgroup that has its chat already gives the id of that',
  params: {
    USERS: idList({ description: 'Members; the caller is one without being named', max: MOST_USERS }),
    TYPE: text({ description: 'CHAT closed, OPEN open; CHANNEL, OPEN_CHANNEL and COLLAB are ours: a collab is a workgroup', max: 20 }),
    TITLE: text({ description: 'Title; made up when left out', max: 255, cut: true }),
    DESCRIPTION: text({ description: 'Description; also the owner\'s first message', max: 20_000 }),
    COLOR: text({ description: 'Colour code such as AZURE', max: 20 }),
    AVATAR: pictureParam(),
    MESSAGE: text({ description: 'First message', max: 20_006, cut: true }),
    ENTITY_TYPE: text({ description: 'Kind of thing that the chat belongs to, such as CRM, TASKS_TASK or LINES; that of the portal, such as SONET_GROUP or CALL, is for administrators', max: 50 }),
    ENTITY_ID: text({ description: 'Id of that thing, such as DEAL|1663', max: 255 }),
    ENTITY_DATA_1: text({ description: 'External data', max: 255 }),
    ENTITY_DATA_2: text({ description: 'External data', max: 255 }),
    ENTITY_DATA_3: text({ description: 'External data', max: 255 }),
  },
  example: { TITLE: 'Launch', USERS: [2, 3], COLOR: 'AZURE', MESSAGE: 'Welcome' },
  result: z.int(),
  errors: { ENTITY_NOT_ALLOWED: error('ACCESS_ERROR', 403, 'Only an administrator may create the chat of this entity') },
  async run({ context, caller, params, fail, origin }) {
    const type = (params.TYPE ?? '').toUpperCase();
    const entityType = entityTypeOf(type, params.ENTITY_TYPE);
    if (entityKind(entityType).maker === 'admin' && !caller.admin) return fail('ENTITY_NOT_ALLOWED');
    const given = params.AVATAR ?? '';
    if (typeof given !== 'string') throw argumentError('AVATAR', 'must be a picture in base64');
    const picture = given === '' ? undefined : await keepPicture(context.messenger, context.blobs, { base64: given }, origin, 'AVATAR');
    const outcome = await createChat(context.messenger, {
      picture,
      ownerId: caller.userId,
      type: chatType(type, entityType),
      title: params.TITLE?.trim(),
      description: params.DESCRIPTION,
      color: colorParam(params.COLOR),
      userIds: params.USERS,
      entityType,
      entityId: params.ENTITY_ID,
      entityData: [params.ENTITY_DATA_1 ?? '', params.ENTITY_DATA_2 ?? '', params.ENTITY_DATA_3 ?? ''],
      message: params.MESSAGE,
    });
    if (outcome.ok) return outcome.value;
    throw argumentError('USERS', outcome.reason === 'not_allowed' ? 'names somebody whom you share no chat with' : 'names a user who does not exist');
  },
});

const chatId = id({ description: 'Number of the chat', error: 'CHAT_ID_EMPTY' });

const userAdd = defineMethod({
  name: 'im.chat.user.add',
  scope: 'im',
  summary: 'Adds users to a chat',
  params: {
    CHAT_ID: chatId,
    USERS: idList({ description: 'Users to add', required: true, max: MOST_USERS }),
    HIDE_HISTORY: flag({ description: 'Y hides what was written before from them', default: true }),
  },
  example: { CHAT_ID: 5, USERS: [2, 3] },
  result: z.literal(true),
  errors: {
    CHAT_ID_EMPTY: chatIdEmpty,
    ACCESS_ERROR: unavailable,
    FORBIDDEN: error('ACCESS_ERROR', 403, 'It is forbidden to add users to this chat'),
    ACCESS_DENIED_EXTEND: error('ACCESS_DENIED_EXTEND', 403, 'Insufficient permissions to add participants to the chat'),
  },
  async run({ context, caller, params, fail }) {
    const outcome = await addMembers(context.messenger, caller, params.CHAT_ID, params.USERS, params.HIDE_HISTORY);
    if (outcome.ok) return true as const;
    if (outcome.reason === 'unknown_user') throw argumentError('USERS', 'names a user who does not exist');
    const errors = { no_access: 'ACCESS_ERROR', not_extendable: 'FORBIDDEN', not_allowed: 'ACCESS_DENIED_EXTEND' } as const;
    return fail(errors[outcome.reason]);
  },
});

const forbiddenToRemove = error('ACCESS_ERROR', 403, 'It is forbidden to delete users of this chat');

const userDelete = defineMethod({
  name: 'im.chat.user.delete',
  scope: 'im',
  summary: 'Removes a member from a chat',
  params: {
    CHAT_ID: chatId,
    USER_ID: id({ description: 'Member to remove', error: 'USER_ID_EMPTY' }),
  },
  example: { CHAT_ID: 5, USER_ID: 3 },
  result: z.literal(true),
  errors: {
    CHAT_ID_EMPTY: chatIdEmpty,
    USER_ID_EMPTY: error('USER_ID_EMPTY', 400, "User ID can't be empty"),
    ACCESS_ERROR: unavailable,
    FORBIDDEN: forbiddenToRemove,
    ACCESS_DENIED_KICK: error('ACCESS_DENIED_KICK', 403, 'Insufficient rights to exclude participants from the chat'),
    USER_NOT_FOUND: error('USER_NOT_FOUND', 400, 'The specified user is not in the chat'),
  },
  async run({ context, caller, params, fail }) {
    const outcome = await removeMember(context.messenger, caller.userId, params.CHAT_ID, params.USER_ID);
    if (outcome.ok) return true as const;
    const errors = {
      no_access: 'ACCESS_ERROR', not_leavable: 'FORBIDDEN', not_allowed: 'ACCESS_DENIED_KICK', not_member: 'USER_NOT_FOUND',
    } as const;
    return fail(errors[outcome.reason]);
  },
});

const userList = defineMethod({
  name: 'im.chat.user.list',
  scope: 'im',
  summary: 'Ids of a chat\'s members; empty where they are not to be seen',
  params: { CHAT_ID: chatId },
  example: { CHAT_ID: 5 },
  result: z.array(z.int()),
  errors: { CHAT_ID_EMPTY: chatIdEmpty, ACCESS_ERROR: unavailable },
  async run({ context, caller, params, fail }) {
    const outcome = await chatMembers(context.messenger, caller, params.CHAT_ID);
    return outcome.ok ? outcome.value : fail('ACCESS_ERROR');
  },
});

const leave = defineMethod({
  name: 'im.chat.leave',
  scope: 'im',
  summary: 'Leaves a chat; an owner\'s chat passes to another member',
  params: { CHAT_ID: chatId },
  example: { CHAT_ID: 5 },
  result: z.literal(true),
  errors: {
    CHAT_ID_EMPTY: chatIdEmpty,
    ACCESS_ERROR: unavailable,
    FORBIDDEN: forbiddenToRemove,
    ACCESS_DENIED_KICK: error('ACCESS_DENIED_KICK', 403, 'Access denied to kick user from chat'),
  },
  async run({ context, caller, params, fail }) {
    const outcome = await leaveChat(context.messenger, caller.userId, params.CHAT_ID);
    if (outcome.ok) return true as const;
    const errors = {
      no_access: 'ACCESS_ERROR', not_leavable: 'FORBIDDEN', not_allowed: 'ACCESS_DENIED_KICK', not_member: 'ACCESS_DENIED_KICK',
    } as const;
    return fail(errors[outcome.reason]);
  },
});

const mute = defineMethod({
  name: 'im.chat.mute',
  scope: 'im',
  summary: 'Silences a chat for the caller, or lets it be heard again',
  params: {
    CHAT_ID: optionalId({ description: 'Number of the chat; or DIALOG_ID', error: 'CHAT_ID_EMPTY' }),
    DIALOG_ID: optionalDialogId('DIALOG_ID_EMPTY'),
    MUTE: flag({ description: 'Y silences, N restores', default: true }),
    ACTION: flag({ description: 'Another name for MUTE; wins over it', default: undefined }),
  },
  example: { CHAT_ID: 5, MUTE: 'Y' },
  result: z.literal(true),
  errors: {
    CHAT_ID_EMPTY: chatIdEmpty,
    DIALOG_ID_EMPTY: dialogIdEmpty,
    ACCESS_ERROR: error('ACCESS_ERROR', 403, 'This chat cannot be muted'),
  },
  async run({ context, caller, params, fail }) {
    const chat = chatOrDialog(params) ?? fail('CHAT_ID_EMPTY');
    const outcome = await muteChat(context.messenger, caller, chat, params.ACTION ?? params.MUTE);
    return outcome.ok ? (true as const) : fail('ACCESS_ERROR');
  },
});

export const chatMethods = [add, userAdd, userDelete, userList, leave, mute];
