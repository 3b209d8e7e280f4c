/** Who may do what in which kind of chat. */

export const ROLE = { guest: 0, member: 1, manager: 2, owner: 3 } as const;
export type RoleName = 'guest' | 'member' | 'manager' | 'owner';
/** The lowest role that may do something; `none` for nobody. */
export type NeededRole = RoleName | 'none';

const ROLE_NAMES: readonly RoleName[] = ['guest', 'member', 'manager', 'owner'];

export function roleName(role: number): RoleName {
  return ROLE_NAMES[role] ?? 'guest';
}

/** Despite the name, `true` means that the action is available. */
export interface Restrictions {
  avatar: boolean;
  rename: boolean;
  extend: boolean;
  call: boolean;
  mute: boolean;
  leave: boolean;
  leave_owner: boolean;
  send: boolean;
  user_list: boolean;
}

const ALL_ALLOWED: Restrictions = {
  avatar: true,
  rename: true,
  extend: true,
  call: true,
  mute: true,
  leave: true,
  leave_owner: true,
  send: true,
  user_list: true,
};

function without(...keys: Array<keyof Restrictions>): Restrictions {
  const restrictions = { ...ALL_ALLOWED };
  for (const key of keys) restrictions[key] = false;
  return restrictions;
}

const BY_ENTITY: ReadonlyMap<string, Restrictions> = new Map([
  ['GENERAL', without('avatar', 'rename', 'extend', 'leave', 'leave_owner')],
  ['SONET_GROUP', without('avatar', 'rename', 'extend', 'leave', 'leave_owner')],
  ['SUPPORT24_NOTIFIER', without('avatar', 'rename', 'leave_owner')],
  ['CRM', without('avatar', 'rename', 'leave_owner')],
  ['CALL', without('extend', 'call', 'mute', 'leave', 'leave_owner')],
  ['SUPPORT24_QUESTION', without('avatar', 'extend', 'call', 'mute', 'leave', 'leave_owner', 'user_list')],
  ['NETWORK_DIALOG', without('avatar', 'extend', 'call', 'mute', 'leave', 'leave_owner', 'user_list')],
]);

/** What a chat's entity allows; a private dialog can neither be renamed, extended, muted nor left, a thread of comments no more than muted. */
export function restrictionsOf(chat: { type: string; entity_type: string }): Restrictions {
  if (chat.type === 'P') return PRIVATE;
  if (chat.type === 'T') return COMMENTS;
  return BY_ENTITY.get(chat.entity_type) ?? ALL_ALLOWED;
}

/** Who is in a thread follows from who is in the channel and what they write. */
const COMMENTS = without('avatar', 'rename', 'extend', 'call', 'leave', 'leave_owner');
const PRIVATE = without('avatar', 'rename', 'extend', 'mute', 'leave', 'leave_owner', 'user_list');

/** The lowest role that may do each thing. */
export interface Permissions {
  manage_users_add: NeededRole;
  manage_users_delete: NeededRole;
  manage_ui: NeededRole;
  manage_settings: NeededRole;
  manage_messages: NeededRole;
  can_post: NeededRole;
}

const GROUP: Permissions = {
  manage_users_add: 'member',
  manage_users_delete: 'manager',
  manage_ui: 'member',
  manage_settings: 'owner',
  manage_messages: 'member',
  can_post: 'member',
};
const CHANNEL: Permissions = { ...GROUP, manage_ui: 'manager', manage_messages: 'manager', can_post: 'manager' };

/** What of a chat decides who may do what in it. */
export interface Governed {
  type: string;
  entity_type: string;
  /** What has been set differently from its kind, as JSON; empty for nothing. */
  permissions: string;
}

export function permissionsOf(chat: Governed): Permissions {
  const channel = isChannel(chat.type) || chat.entity_type === 'ANNOUNCEMENT';
  const usual = channel ? CHANNEL : GROUP;
  return chat.permissions === '' ? usual : { ...usual, ...permissionsSet(chat.permissions) };
}

/** What has been set, as far as it is readable. */
function permissionsSet(json: string): Partial<Permissions> {
  try {
    const entries = Object.entries(JSON.parse(json) as Record<string, unknown>);
    return Object.fromEntries(entries.filter(([name, role]) => Object.hasOwn(GROUP, name) && isNeededRole(role)));
  } catch {
    return {};
  }
}

function isNeededRole(role: unknown): role is NeededRole {
  return role === 'none' || ROLE_NAMES.includes(role as RoleName);
}

export function allows(needed: NeededRole, role: number): boolean {
  return needed !== 'none' && role >= ROLE[needed];
}

export function canPost(chat: Governed, role: number): boolean {
  return restrictionsOf(chat).send && allows(permissionsOf(chat).can_post, role);
}

export function isChannel(type: string): boolean {
  return type === 'N' || type === 'J';
}

/** Where who may post takes back what they have posted without leaving a line. */
export function erasesTraces(chat: { type: string; entity_type: string }): boolean {
  return isChannel(chat.type) || chat.entity_type === 'GENERAL';
}

/** Anybody on the portal (but extranet users) may look into these without being a member, and joins by writing. */
export function isOpen(type: string): boolean {
  return type === 'O' || type === 'J';
}

const LETTER_NAMES: ReadonlyMap<string, string> = new Map([
  ['P', 'private'],
  ['B', 'collab'],
  ['T', 'comment'],
  ['N', 'channel'],
  ['J', 'openChannel'],
]);
const LETTERS: ReadonlySet<string> = new Set('PCOLNXJBT');

/** Whether a chat's stored type is one that clients know. */
export function isChatType(type: string): boolean {
  return LETTERS.has(type);
}

/** The `type` word of a chat: the kind, or its entity type in camel case (`TASKS_TASK` → `tasksTask`). */
export function chatTypeName(chat: { type: string; entity_type: string }): string {
  const fixed = LETTER_NAMES.get(chat.type);
  if (fixed) return fixed;
  if (chat.entity_type) return camelCase(chat.entity_type);
  return chat.type === 'O' ? 'open' : 'chat';
}

function camelCase(text: string): string {
  const [first = '', ...rest] = text.toLowerCase().split('_');
  return first + rest.map((word) => word.slice(0, 1).toUpperCase() + word.slice(1)).join('');
}
