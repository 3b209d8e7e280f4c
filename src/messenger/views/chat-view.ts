import type { RecentRecord } from '../../db/stores/recent-store.ts';
import {
  canPost, chatTypeName, isChatType, type Permissions, permissionsOf, type Restrictions, restrictionsOf, roleName,
} from '../access/rights.ts';
import { hexOf } from './colors.ts';
import type { Zone } from '../../base/dates.ts';
import { type EntityLink, entityLink } from './entity-link.ts';
import { storedIntegers } from './presenting.ts';

/** The `chat` of a private row: the partner is in `user`. */
export interface ChatStub {
  text_field_enabled: boolean;
  background_id: null;
  mute_list: MuteList;
}

/** `[]`, or the viewer's own id as a key: who else silenced a chat is nobody's business. */
export type MuteList = [] | Record<string, true>;

/** The `chat` of a row of the list (page im.recent.get). Dates are ATOM strings. */
export interface ChatView {
  id: number;
  parent_chat_id: number;
  parent_message_id: number;
  name: string;
  title: string;
  owner: number;
  extranet: boolean;
  contains_collaber: boolean;
  avatar: string;
  color: string;
  type: string;
  entity_type: string;
  entity_id: string;
  entity_data_1: string;
  entity_data_2: string;
  entity_data_3: string;
  mute_list: MuteList;
  manager_list: number[];
  date_create: string;
  message_type: string;
  user_counter: number;
  restrictions: Restrictions;
  role: string;
  text_field_enabled: boolean;
  background_id: null;
  entity_link: EntityLink;
  permissions: Permissions;
  public: '';
}

export function chatStub(row: RecentRecord): ChatStub {
  return { text_field_enabled: true, background_id: null, mute_list: muteList(row) };
}

/** The chat as one member sees it: role, mute and some links are the viewer's own. */
export function viewChat(row: RecentRecord, zone: Zone): ChatView {
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
    role: roleName(row.role).toUpperCase(),
    text_field_enabled: canPost(row, row.role),
    background_id: null,
    entity_link: entityLink(row.entity_type, row.entity_id, row.user_id),
    permissions: permissionsOf(row),
    public: '',
  };
}

function muteList(row: RecentRecord): MuteList {
  return row.muted === 1 ? { [row.user_id]: true } : [];
}
