/** The objects on the wire as schemas: results are checked against them outside production, documents come from them. */
import { z } from 'zod';

export const int = z.int();
export const atom = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$/);
const atomOrFalse = z.union([atom, z.literal(false)]);
const color = z.string().regex(/^#[0-9a-f]{6}$/);

export const userShape = z.strictObject({
  id: int.positive(),
  active: z.boolean(),
  name: z.string(),
  first_name: z.string(),
  last_name: z.string(),
  work_position: z.string(),
  color,
  avatar: z.string(),
  avatar_hr: z.string(),
  gender: z.enum(['M', 'F']),
  birthday: z.string(),
  extranet: z.boolean(),
  network: z.boolean(),
  bot: z.boolean(),
  connector: z.boolean(),
  external_auth_id: z.string(),
  status: z.string(),
  idle: atomOrFalse,
  last_activity_date: atomOrFalse,
  mobile_last_date: atomOrFalse,
  desktop_last_date: atomOrFalse,
  absent: atomOrFalse,
  departments: z.array(int),
  phones: z.union([
    z.strictObject({
      work_phone: z.string().optional(),
      personal_mobile: z.string().optional(),
      personal_phone: z.string().optional(),
      inner_phone: z.string().optional(),
    }),
    z.literal(false),
  ]),
  bot_data: z.null(),
  type: z.enum(['user', 'bot', 'extranet']),
  website: z.string(),
  email: z.string(),
});

const restrictions = z.strictObject({
  avatar: z.boolean(),
  rename: z.boolean(),
  extend: z.boolean(),
  call: z.boolean(),
  mute: z.boolean(),
  leave: z.boolean(),
  leave_owner: z.boolean(),
  send: z.boolean(),
  user_list: z.boolean(),
});

const minimumRole = z.enum(['guest', 'member', 'manager', 'owner']);
const permissions = z.strictObject({
  manage_users_add: minimumRole,
  manage_users_delete: minimumRole,
  manage_ui: minimumRole,
  manage_settings: minimumRole,
  manage_messages: minimumRole,
  can_post: minimumRole,
});

const entityLink = z.strictObject({ type: z.string(), url: z.string(), id: z.string() });

/** `[]` or a map of ids to true. */
const muteList = z.union([z.tuple([]), z.record(z.string(), z.literal(true))]);

const chatStub = z.strictObject({ text_field_enabled: z.boolean(), background_id: z.null(), mute_list: muteList });

/** What rows and cards have in common. */
const chatFields = {
  id: int,
  parent_chat_id: int,
  parent_message_id: int,
  name: z.string(),
  owner: int,
  extranet: z.boolean(),
  avatar: z.string(),
  color,
  type: z.string(),
  entity_type: z.string(),
  entity_id: z.string(),
  entity_data_1: z.string(),
  entity_data_2: z.string(),
  entity_data_3: z.string(),
  manager_list: z.array(int),
  date_create: atom,
  message_type: z.string().length(1),
  user_counter: int,
  restrictions,
  text_field_enabled: z.boolean(),
  background_id: z.null(),
  entity_link: entityLink,
  permissions,
  public: z.literal(''),
};

const recentChat = z.strictObject({
  ...chatFields,
  title: z.string(),
  contains_collaber: z.boolean(),
  mute_list: muteList,
  role: z.enum(['GUEST', 'MEMBER', 'MANAGER', 'OWNER']),
});

const recentMessage = z.strictObject({
  id: int,
  text: z.string().regex(/^[^\r\n]*$/),
  file: z.boolean(),
  author_id: int,
  attach: z.boolean(),
  sticker: int.nullable(),
  date: atom,
  status: z.enum(['received', 'delivered']),
  uuid: z.string().nullable(),
});

/** A row of the recent list. In `im.recent.list` the text may be the original, line breaks included. */
export const recentItemShape = z.strictObject({
  id: z.union([int.positive(), z.string().regex(/^chat\d+$/)]),
  chat_id: int,
  type: z.enum(['user', 'chat']),
  avatar: z.strictObject({ url: z.string(), color }),
  title: z.string(),
  message: recentMessage,
  counter: int.nonnegative(),
  last_id: int.nonnegative(),
  pinned: z.boolean(),
  unread: z.boolean(),
  has_reminder: z.boolean(),
  date_update: atom,
  date_last_activity: atom,
  chat: z.union([recentChat, chatStub]),
  user: z.union([userShape, z.strictObject({ id: z.literal(0) })]),
  lines: z.strictObject({ id: int, status: int, date_create: atom }).optional(),
  options: z.tuple([]),
});

export const listItemShape = recentItemShape.extend({ message: recentMessage.extend({ text: z.string() }) });

const viewer = z.strictObject({ user_id: int, user_name: z.string(), date: atom.nullable() });

export const dialogShape = z.strictObject({
  ...chatFields,
  description: z.string(),
  counter: int.nonnegative(),
  message_count: int,
  unread_id: int,
  last_message_id: int,
  last_id: int,
  marked_id: int,
  disk_folder_id: int,
  mute_list: z.array(int),
  role: z.enum(['guest', 'member', 'manager', 'owner']),
  is_new: z.boolean(),
  readed_list: z.array(viewer.extend({ message_id: int })),
  last_message_views: z.strictObject({ message_id: int, first_viewers: z.array(viewer), count_of_viewers: int }),
  dialog_id: z.string(),
});

export const messageShape = z.strictObject({
  id: int,
  chat_id: int,
  author_id: int,
  date: atom,
  text: z.string(),
  unread: z.boolean(),
  uuid: z.string().nullable(),
  replaces: z.tuple([]),
  params: z.union([z.record(z.string(), z.unknown()), z.tuple([])]),
  disappearing_date: z.null(),
});

/** A map of numbers that is `[]` while empty, as clients written against PHP expect. */
export const counterMap = z.union([z.tuple([]), z.record(z.string(), int.positive())]);
