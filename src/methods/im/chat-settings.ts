/** What a chat looks like, whom it belongs to and who may do what in it. */
import { z } from 'zod';
import { picture, pictureRefusal, recolourChat, renameChat } from '../../messenger/chats/chat-settings.ts';
import { findEntityChat } from '../../messenger/chats/entity-chat.ts';
import { appoint, passOn, permit } from '../../messenger/chats/leading.ts';
import { chatColor } from '../../messenger/views/colors.ts';
import { error } from '../../rest/method.ts';
import { flag, id, requiredText, text } from '../../rest/params.ts';
import { argumentError } from '../../rest/request-error.ts';
import { portraitAddress } from '../../messenger/portrait-links.ts';
import { defineMethod } from '../app.ts';
import { keepGiven, LONGEST_PICTURE_BODY, pictureParam } from '../pictures.ts';
import { groupChat, groupChatErrors, groupChatParams, unavailable } from '../params.ts';

const get = defineMethod({
  name: 'im.chat.get',
  scope: 'im',
  summary: 'The chat of a task, a workgroup or another entity; null where there is none that the caller may see',
  params: {
    ENTITY_TYPE: text({ description: 'Kind of thing that the chat belongs to, such as TASKS_TASK or CRM', max: 50 }),
    ENTITY_ID: text({ description: 'Id of that thing, such as DEAL|1663', max: 255 }),
  },
  example: { ENTITY_TYPE: 'TASKS_TASK', ENTITY_ID: '8293' },
  result: z.strictObject({ ID: z.int().describe('Number of the chat') }).nullable(),
  errors: {},
  async run({ context, caller, params }) {
    const chatId = await findEntityChat(context.messenger, caller, params.ENTITY_TYPE?.toUpperCase() ?? '', params.ENTITY_ID ?? '');
    return chatId === undefined ? null : { ID: chatId };
  },
});

const updateTitle = defineMethod({
  name: 'im.chat.updateTitle',
  scope: 'im',
  summary: 'Renames a chat',
  params: {
    ...groupChatParams,
    TITLE: requiredText({ description: 'New title', error: 'TITLE_EMPTY', max: 255, cut: true }),
  },
  example: { CHAT_ID: 5, TITLE: 'Launch in May' },
  result: z.literal(true),
  errors: {
    ...groupChatErrors,
    TITLE_EMPTY: error('TITLE_EMPTY', 400, "Title can't be empty"),
    ACCESS_ERROR: unavailable,
    NOT_RENAMABLE: error('ACCESS_ERROR', 403, 'This chat cannot be renamed'),
  },
  async run({ context, caller, params, fail }) {
    const outcome = await renameChat(context.messenger, caller.userId, groupChat(params, fail), params.TITLE);
    if (outcome.ok) return true as const;
    return fail(outcome.reason === 'kind' ? 'NOT_RENAMABLE' : 'ACCESS_ERROR');
  },
});

const updateColor = defineMethod({
  name: 'im.chat.updateColor',
  scope: 'im',
  summary: 'Gives a chat another colour',
  params: {
    ...groupChatParams,
    COLOR: text({ description: 'Colour code such as MINT', error: 'WRONG_COLOR', max: 20 }),
  },
  example: { CHAT_ID: 5, COLOR: 'MINT' },
  result: z.literal(true),
  errors: {
    ...groupChatErrors,
    ACCESS_ERROR: unavailable,
    WRONG_COLOR: error('WRONG_COLOR', 400, 'This color currently unavailable'),
    WRONG_REQUEST: error('WRONG_REQUEST', 400, "This color currently set or chat doesn't exist"),
  },
  async run({ context, caller, params, fail }) {
    const chatId = groupChat(params, fail);
    const color = chatColor(params.COLOR ?? '') ?? fail('WRONG_COLOR');
    const outcome = await recolourChat(context.messenger, caller.userId, chatId, color);
    if (outcome.ok) return true as const;
    return fail(outcome.reason === 'unchanged' ? 'WRONG_REQUEST' : 'ACCESS_ERROR');
  },
});

const updateAvatar = defineMethod({
  name: 'im.chat.updateAvatar',
  scope: 'im',
  summary: 'Gives a chat another picture',
  params: {
    ...groupChatParams,
    AVATAR: pictureParam(),
  },
  example: { CHAT_ID: 5, AVATAR: 'R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7' },
  longBody: LONGEST_PICTURE_BODY,
  result: z.literal(true),
  errors: {
    ...groupChatErrors,
    ACCESS_DENIED: error('ACCESS_DENIED', 400, 'Access denied'),
    ACCESS_ERROR: error('ACCESS_ERROR', 400, 'Action unavailable'),
    NOT_PICTURED: error('ACCESS_ERROR', 400, 'The avatar of this chat cannot be changed'),
    AVATAR_TYPE: error('AVATAR_ERROR', 400, 'Avatar incorrect type'),
    AVATAR_SIZE: error('AVATAR_ERROR', 400, 'Avatar incorrect size (max 5000x5000)'),
  },
  async run({ context: { messenger, blobs }, caller, params, fail, origin, spools }) {
    const chatId = groupChat(params, fail);
    const bar = await pictureRefusal(messenger, caller.userId, chatId);
    if (bar) return fail(PICTURE_REFUSALS[bar]);
    const portrait = await keepGiven(messenger, blobs, params.AVATAR, spools);
    if (!portrait.ok) return fail(portrait.reason === 'size' ? 'AVATAR_SIZE' : 'AVATAR_TYPE');
    const { id, sizes } = portrait.value;
    const outcome = await picture(messenger, caller.userId, chatId, { sizes, address: portraitAddress(origin, id) });
    return outcome.ok ? (true as const) : fail(PICTURE_REFUSALS[outcome.reason]);
  },
});

const PICTURE_REFUSALS = { no_access: 'ACCESS_ERROR', kind: 'NOT_PICTURED', role: 'ACCESS_DENIED' } as const;

const userIdEmpty = error('USER_ID_EMPTY', 400, "User ID can't be empty");

const setOwner = defineMethod({
  name: 'im.chat.setOwner',
  scope: 'im',
  summary: 'Passes a chat on to another member; the one before stays as a manager',
  params: { ...groupChatParams, USER_ID: id({ description: 'Member who shall own the chat', error: 'USER_ID_EMPTY' }) },
  example: { CHAT_ID: 5, USER_ID: 3 },
  result: z.literal(true),
  errors: {
    ...groupChatErrors,
    USER_ID_EMPTY: userIdEmpty,
    ACCESS_ERROR: unavailable,
    WRONG_REQUEST: error('WRONG_REQUEST', 400, 'Change owner can only owner and user must be member in chat'),
  },
  async run({ context, caller, params, fail }) {
    const outcome = await passOn(context.messenger, caller.userId, groupChat(params, fail), params.USER_ID);
    if (outcome.ok) return true as const;
    return fail(outcome.reason === 'role' || outcome.reason === 'not_member' ? 'WRONG_REQUEST' : 'ACCESS_ERROR');
  },
});

const setManager = defineMethod({
  name: 'im.chat.setManager',
  scope: 'im',
  summary: 'Makes a member a manager of the chat, or no longer',
  params: {
    ...groupChatParams,
    USER_ID: id({ description: 'Member', error: 'USER_ID_EMPTY' }),
    IS_MANAGER: flag({ description: 'Y appoints, N dismisses', default: true }),
  },
  example: { CHAT_ID: 5, USER_ID: 3, IS_MANAGER: 'Y' },
  result: z.literal(true),
  errors: {
    ...groupChatErrors,
    USER_ID_EMPTY: userIdEmpty,
    ACCESS_ERROR: unavailable,
    WRONG_REQUEST: error('WRONG_REQUEST', 400, 'Change manager can only owner and user must be member in chat'),
  },
  async run({ context, caller, params, fail }) {
    const outcome = await appoint(context.messenger, caller.userId, groupChat(params, fail), params.USER_ID, params.IS_MANAGER);
    if (outcome.ok) return true as const;
    return fail(outcome.reason === 'role' || outcome.reason === 'not_member' ? 'WRONG_REQUEST' : 'ACCESS_ERROR');
  },
});

const NEEDED = ['member', 'manager', 'owner', 'none'] as const;
/** Somebody must be left who can change it again. */
const NEEDED_FOR_SETTINGS = ['member', 'manager', 'owner'] as const;

function neededRole<R extends string>(name: string, given: string | undefined, roles: readonly R[]): R | undefined {
  if (given === undefined) return undefined;
  const role = roles.find((word) => word === given.toLowerCase());
  if (!role) throw argumentError(name, `must be ${roles.slice(0, -1).join(', ')} or ${roles.at(-1)}`);
  return role;
}

const roleParam = (what: string) => text({ description: `Lowest role that ${what}: member, manager, owner or none`, max: 20 });

const setPermissions = defineMethod({
  name: 'tidemark.chat.permissions.set',
  scope: 'im',
  summary: 'Sets from which role on members may do what in a chat; what is not given stays as it is',
  params: {
    ...groupChatParams,
    MANAGE_USERS_ADD: roleParam('adds members'),
    MANAGE_USERS_DELETE: roleParam('removes members'),
    MANAGE_UI: roleParam('changes title, picture and colour'),
    MANAGE_SETTINGS: text({ description: 'Lowest role that changes these settings: member, manager or owner', max: 20 }),
    CAN_POST: roleParam('posts; shown as manage_messages too'),
  },
  example: { CHAT_ID: 5, MANAGE_USERS_ADD: 'manager', CAN_POST: 'manager' },
  result: z.literal(true),
  errors: { ...groupChatErrors, ACCESS_ERROR: unavailable },
  async run({ context, caller, params, fail }) {
    const chatId = groupChat(params, fail);
    const post = neededRole('CAN_POST', params.CAN_POST, NEEDED);
    const outcome = await permit(context.messenger, caller.userId, chatId, {
      manage_users_add: neededRole('MANAGE_USERS_ADD', params.MANAGE_USERS_ADD, NEEDED),
      manage_users_delete: neededRole('MANAGE_USERS_DELETE', params.MANAGE_USERS_DELETE, NEEDED),
      manage_ui: neededRole('MANAGE_UI', params.MANAGE_UI, NEEDED),
      manage_settings: neededRole('MANAGE_SETTINGS', params.MANAGE_SETTINGS, NEEDED_FOR_SETTINGS),
      can_post: post,
      manage_messages: post,
    });
    return outcome.ok ? (true as const) : fail('ACCESS_ERROR');
  },
});

export const chatSettingMethods = [get, updateTitle, updateColor, updateAvatar, setOwner, setManager, setPermissions];
