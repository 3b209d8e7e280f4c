import { z } from 'zod';
import type { ShownRecord } from '../../db/stores/recent-store.ts';
import {
  canPost, chatTypeName, isChatType, type Permissions, permissionsOf, type Restrictions, restrictionsOf, type RoleName, roleName,
} from '../access/rights.ts';
import { hexOf } from './colors.ts';
import type { Zone } from '../../base/dates.ts';
import { entityLink, entityLinkShape } from './entity-link.ts';
import { storedIntegers } from './presenting.ts';
import { atom, color, int } from './scalars.ts';

export const restrictionsShape = z.strictObject({
  avatar: z.boolean().describe('Whether the picture may be changed'),
  rename: z.boolean().describe('Whether the chat may be renamed'),
  extend: z.boolean().describe('Whether people may be added'),
  call: z.boolean().describe('Whether calls may be made'),
  mute: z.boolean().describe('Whether the chat may be muted'),
  leave: z.boolean().describe('Whether members may leave'),
  leave_owner: z.boolean().describe('Whether the owner may leave'),
  send: z.boolean().describe('Whether messages may be sent'),
  user_list: z.boolean().describe('Whether the members may be listed'),
}) satisfies z.ZodType<Restrictions>;

const minimumRole = z.enum(['none', 'guest', 'member', 'manager', 'owner']);
const permissionsShape = z.strictObject({
  manage_users_add: minimumRole.describe('Lowest role that adds members'),
  manage_users_delete: minimumRole.describe('Lowest role that removes members'),
  manage_ui: minimumRole.describe('Lowest role that changes title, picture and colour'),
  manage_settings: minimumRole.describe('Lowest role that changes the settings'),
  manage_messages: minimumRole.describe('Lowest role that manages messages'),
  can_post: minimumRole.describe('Lowest role that posts'),
}) satisfies z.ZodType<Permissions>;

/** `[]`, or the viewer's own id as a key: who else silenced a chat is nobody's business. */
const muteListShape = z.union([z.tuple([]), z.record(z.string(), z.literal(true))]);

export type MuteList = z.infer<typeof muteListShape>;

/** The `chat` of a private row: the partner is in `user`. */
export const chatStubShape = z.strictObject({ text_field_enabled: z.boolean(), background_id: z.null(), mute_list: muteListShape });

export type ChatStub = z.infer<typeof chatStubShape>;

/** What rows and cards have in common. */
export const chatFields = {
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
  restrictions: restrictionsShape.describe('What may be done with chats of this kind'),
  text_field_enabled: z.boolean().describe('Whether there is a field to write in'),
  background_id: z.null().describe('Always null here'),
  entity_link: entityLinkShape.describe('Where the thing is that the chat belongs to'),
  permissions: permissionsShape.describe('Lowest role for each action'),
  public: z.literal('').describe('Always empty here'),
};

/** The `chat` of a row of the list (page im.recent.get). */
export const chatShape = z.strictObject({
  ...chatFields,
  title: z.string().describe('Title of the chat'),
  contains_collaber: z.boolean().describe('Whether collaborators are among the members'),
  mute_list: muteListShape.describe('Who has muted the chat, by user number; an empty list for nobody'),
  role: z.enum(['GUEST', 'MEMBER', 'MANAGER', 'OWNER']).describe('Role of the caller'),
});

export type ChatView = z.infer<typeof chatShape>;

export function chatStub(row: ShownRecord): ChatStub {
  return { text_field_enabled: true, background_id: null, mute_list: muteList(row) };
}

/** The chat as one member sees it: role, mute and some links are the viewer's own. */
export function viewChat(row: ShownRecord, zone: Zone): ChatView {
  if (!isChatType(row.type)) throw new Error('its type is unknown');
  return {
    id: row.chat_id,
    parent_chat_id: row.parent_chat_id,
    parent_message_id: row.parent_message_id,
    name: row.title,
    title: row.title,
    owner: row.owner_id,
    extranet: row.extranet === 1,
    contains_collaber: false,
    avatar: row.avatar,
    color: hexOf(row.color),
    type: chatTypeName(row),
    entity_type: row.entity_type,
    entity_id: row.entity_id,
    entity_data_1: row.entity_data_1,
    entity_data_2: row.entity_data_2,
    entity_data_3: row.entity_data_3,
    mute_list: muteList(row),
    manager_list: storedIntegers(row.manager_ids),
    date_create: zone.atom(row.chat_created_at),
    message_type: row.type,
    user_counter: row.member_count,
    restrictions: restrictionsOf(row),
    role: roleName(row.role).toUpperCase() as Uppercase<RoleName>,
    text_field_enabled: canPost(row, row.role),
    background_id: null,
    entity_link: entityLink(row.entity_type, row.entity_id, row.user_id),
    permissions: permissionsOf(row),
    public: '',
  };
}

function muteList(row: ShownRecord): MuteList {
  return row.muted === 1 ? { [row.user_id]: true } : [];
}
