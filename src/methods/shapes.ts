/** The objects on the wire as schemas: results are checked against them outside production, documents come from them. */
import { z } from 'zod';

export const int = z.int();
export const atom = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$/).meta({ format: 'date-time' });
const atomOrFalse = z.union([atom, z.literal(false)]);
const color = z.string().regex(/^#[0-9a-f]{6}$/);

export const userShape = z.strictObject({
  id: int.positive().describe('Number of the user'),
  active: z.boolean().describe('False for dismissed users'),
  name: z.string().describe('First and last name'),
  first_name: z.string().describe('First name'),
  last_name: z.string().describe('Last name'),
  work_position: z.string().describe('Job title'),
  color: color.describe('Colour of the user'),
  avatar: z.string().describe('Address of the picture; empty without one'),
  avatar_hr: z.string().describe('The picture in a higher resolution; empty without one'),
  gender: z.enum(['M', 'F']).describe('M or F'),
  birthday: z.string().describe('Day and month, DD-MM; empty when not given'),
  extranet: z.boolean().describe('A guest who sees only shared chats'),
  network: z.boolean().describe('Somebody from the network of portals'),
  bot: z.boolean().describe('A bot'),
  connector: z.boolean().describe('A client from an open line'),
  external_auth_id: z.string().describe('Where the user signs in; default for employees'),
  status: z.string().describe('Always online here'),
  idle: atomOrFalse.describe('Always false here'),
  last_activity_date: atomOrFalse.describe('When the user last did something; false for never'),
  mobile_last_date: atomOrFalse.describe('Always false here'),
  desktop_last_date: atomOrFalse.describe('Always false here'),
  absent: atomOrFalse.describe('Until when the user is away; false when they are not'),
  departments: z.array(int).describe('Departments'),
  phones: z.union([
    z.strictObject({
      work_phone: z.string().optional(),
      personal_mobile: z.string().optional(),
      personal_phone: z.string().optional(),
      inner_phone: z.string().optional(),
    }),
    z.literal(false),
  ]).describe('Phone numbers that are known; false for none'),
  bot_data: z.null().describe('Always null here'),
  type: z.enum(['user', 'bot', 'extranet']).describe('Kind of user'),
  website: z.string().describe('Web site'),
  email: z.string().describe('E-mail address'),
}).meta({ id: 'User' });

const restrictions = z.strictObject({
  avatar: z.boolean().describe('Whether the picture may be changed'),
  rename: z.boolean().describe('Whether the chat may be renamed'),
  extend: z.boolean().describe('Whether people may be added'),
  call: z.boolean().describe('Whether calls may be made'),
  mute: z.boolean().describe('Whether the chat may be muted'),
  leave: z.boolean().describe('Whether members may leave'),
  leave_owner: z.boolean().describe('Whether the owner may leave'),
  send: z.boolean().describe('Whether messages may be sent'),
  user_list: z.boolean().describe('Whether the members may be listed'),
});

const minimumRole = z.enum(['guest', 'member', 'manager', 'owner']);
const permissions = z.strictObject({
  manage_users_add: minimumRole.describe('Lowest role that adds members'),
  manage_users_delete: minimumRole.describe('Lowest role that removes members'),
  manage_ui: minimumRole.describe('Lowest role that changes title, picture and colour'),
  manage_settings: minimumRole.describe('Lowest role that changes the settings'),
  manage_messages: minimumRole.describe('Lowest role that manages messages'),
  can_post: minimumRole.describe('Lowest role that posts'),
});

const entityLink = z.strictObject({
  type: z.string().describe('Kind of thing; empty for none'),
  url: z.string().describe('Path of its page; empty for none'),
  id: z.string().describe('Its id; empty for none'),
});

/** `[]` or a map of ids to true. */
const muteList = z.union([z.tuple([]), z.record(z.string(), z.literal(true))]);

const chatStub = z.strictObject({ text_field_enabled: z.boolean(), background_id: z.null(), mute_list: muteList });

/** What rows and cards have in common. */
const chatFields = {
  id: int.describe('Number of the chat'),
  parent_chat_id: int.describe('Chat that this one belongs to; 0 for none'),
  parent_message_id: int.describe('Message that this chat discusses; 0 for none'),
  name: z.string().describe('Title of the chat'),
  owner: int.describe('Number of the owner'),
  extranet: z.boolean().describe('Whether guests are among the members'),
  avatar: z.string().describe('Address of the picture; empty without one'),
  color: color.describe('Colour of the chat'),
  type: z.string().describe('Kind of chat, such as chat, open, channel, lines, tasksTask'),
  entity_type: z.string().describe('Kind of thing that the chat belongs to; empty for none'),
  entity_id: z.string().describe('Id of that thing'),
  entity_data_1: z.string().describe('External data'),
  entity_data_2: z.string().describe('External data'),
  entity_data_3: z.string().describe('External data'),
  manager_list: z.array(int).describe('Numbers of the managers, the owner included'),
  date_create: atom.describe('When the chat was made'),
  message_type: z.string().length(1).describe('Letter of the kind of chat'),
  user_counter: int.describe('Number of members'),
  restrictions: restrictions.describe('What may be done with chats of this kind'),
  text_field_enabled: z.boolean().describe('Whether there is a field to write in'),
  background_id: z.null().describe('Always null here'),
  entity_link: entityLink.describe('Where the thing is that the chat belongs to'),
  permissions: permissions.describe('Lowest role for each action'),
  public: z.literal('').describe('Always empty here'),
};

const recentChat = z.strictObject({
  ...chatFields,
  title: z.string().describe('Title of the chat'),
  contains_collaber: z.boolean().describe('Whether collaborators are among the members'),
  mute_list: muteList.describe('Who has muted the chat, by user number; an empty list for nobody'),
  role: z.enum(['GUEST', 'MEMBER', 'MANAGER', 'OWNER']).describe('Role of the caller'),
});

const recentMessage = z.strictObject({
  id: int.describe('Number of the message; 0 when there is none'),
  text: z.string().regex(/^[^\r\n]*$/).describe('Text in one line, without BB codes'),
  file: z.boolean().describe('Whether it has files'),
  author_id: int.describe('Number of the author; 0 for the system'),
  attach: z.boolean().describe('Whether it has an attachment'),
  sticker: int.nullable().describe('Id of the sticker; null without one'),
  date: atom.describe('When it was sent'),
  status: z.enum(['received', 'delivered']).describe('delivered once somebody else has read it'),
  uuid: z.string().nullable().describe('Id given by the sender; null without one'),
});

/** A row of the recent list. In `im.recent.list` the text may be the original, line breaks included. */
export const recentItemShape = z.strictObject({
  id: z.union([int.positive(), z.string().regex(/^chat\d+$/)]).describe('Number of the other user, or chatN'),
  chat_id: int.describe('Number of the chat'),
  type: z.enum(['user', 'chat']).describe('user for private dialogs, chat for all others'),
  avatar: z.strictObject({
    url: z.string().describe('Address of the picture; empty without one'),
    color: color.describe('Colour of the dialog'),
  }).describe('Picture of the row'),
  title: z.string().describe('Name of the user or title of the chat'),
  message: recentMessage.describe('Last message'),
  counter: int.nonnegative().describe('Unread messages'),
  last_id: int.nonnegative().describe('Last message that the caller has read'),
  pinned: z.boolean().describe('Whether it is pinned to the top'),
  unread: z.boolean().describe('Whether it is marked as unread by hand'),
  has_reminder: z.boolean().describe('Whether a reminder is due'),
  date_update: atom.describe('When the row last changed'),
  date_last_activity: atom.describe('When something last happened in the dialog'),
  chat: z.union([recentChat, chatStub]).describe('The chat; of private dialogs only three fields'),
  user: z.union([userShape, z.strictObject({ id: z.literal(0) })]).describe('The other user; of group chats the author of the last message, id 0 for the system'),
  lines: z.strictObject({ id: int, status: int, date_create: atom }).optional().describe('Session of an open line'),
  options: z.tuple([]).describe('Always empty here'),
}).meta({ id: 'RecentItem' });

export const listItemShape = recentItemShape
  .extend({ message: recentMessage.extend({ text: z.string().describe('Text in one line, or as asked for') }).describe('Last message') })
  .meta({ id: 'RecentListItem' });

const viewer = z.strictObject({ user_id: int, user_name: z.string(), date: atom.nullable() });

export const dialogShape = z.strictObject({
  ...chatFields,
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
  readed_list: z.array(viewer.extend({ message_id: int })).describe('How far the other members have read'),
  last_message_views: z.strictObject({ message_id: int, first_viewers: z.array(viewer), count_of_viewers: int }).describe('Who has seen the last message'),
  dialog_id: z.string().describe('Dialog id: a user number or chatN'),
}).meta({ id: 'Dialog' });

export const messageShape = z.strictObject({
  id: int.describe('Number of the message'),
  chat_id: int.describe('Number of the chat'),
  author_id: int.describe('Number of the author; 0 for the system'),
  date: atom.describe('When it was sent'),
  text: z.string().describe('Text with its BB codes'),
  unread: z.boolean().describe('Whether the caller has not read it'),
  uuid: z.string().nullable().describe('Id given by the sender; null without one'),
  replaces: z.tuple([]).describe('Always empty here'),
  params: z.union([z.record(z.string(), z.unknown()), z.tuple([])]).describe('Attachment, keyboard and other parts by name; an empty list for none'),
  disappearing_date: z.null().describe('Always null here'),
}).meta({ id: 'Message' });

/** A map of numbers that is `[]` while empty, as clients written against PHP expect. */
export const counterMap = z.union([z.tuple([]), z.record(z.string(), int.positive())]);
