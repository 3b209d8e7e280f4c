/** The fields of a row of the recent list and their types, as on the pages im.recent.get and im.recent.list. */

type Check = (value: unknown) => boolean;
interface Fields {
  [name: string]: Check | Fields;
}

const bool: Check = (value) => typeof value === 'boolean';
const text: Check = (value) => typeof value === 'string';
const int: Check = (value) => Number.isInteger(value);
const id: Check = (value) => Number.isInteger(value) && Number(value) > 0;
const count: Check = (value) => Number.isInteger(value) && Number(value) >= 0;
const color: Check = (value) => text(value) && /^#[0-9a-f]{6}$/.test(String(value));
const date: Check = (value) => text(value) && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$/.test(String(value));
const dateOrFalse: Check = (value) => value === false || date(value);
const oneLine: Check = (value) => text(value) && !/[\r\n]/.test(String(value));
const nothing: Check = (value) => value === null;
const emptyList: Check = (value) => Array.isArray(value) && value.length === 0;
const ids: Check = (value) => Array.isArray(value) && value.every(id);
const muteList: Check = (value) => emptyList(value) || (isMap(value) && Object.entries(value).every(([key, on]) => /^\d+$/.test(key) && on === true));
const oneOf = (...words: unknown[]): Check => (value) => words.includes(value);
const role = oneOf('member', 'manager', 'owner');
const phones: Check = (value) => value === false || (isMap(value) && Object.values(value).every(text));

const RESTRICTIONS: Fields = {
  avatar: bool, rename: bool, extend: bool, call: bool, mute: bool, leave: bool, leave_owner: bool, send: bool, user_list: bool,
};
const PERMISSIONS: Fields = {
  manage_users_add: role, manage_users_delete: role, manage_ui: role, manage_settings: role, manage_messages: role, can_post: role,
};

const CHAT: Fields = {
  id, parent_chat_id: count, parent_message_id: count, name: text, title: text, owner: count, extranet: bool, contains_collaber: bool,
  avatar: text, color,
  type: text, entity_type: text, entity_id: text, entity_data_1: text, entity_data_2: text, entity_data_3: text, mute_list: muteList,
  manager_list: ids,
  date_create: date, message_type: oneOf('C', 'O', 'L', 'N', 'J', 'X'), user_counter: id, restrictions: RESTRICTIONS,
  role: oneOf('OWNER', 'MANAGER', 'MEMBER', 'GUEST'), text_field_enabled: bool, background_id: nothing,
  entity_link: { type: text, url: text, id: text }, permissions: PERMISSIONS, public: oneOf(''),
};
const STUB: Fields = { text_field_enabled: bool, background_id: nothing, mute_list: muteList };

const USER: Fields = {
  id, active: bool, name: text, first_name: text, last_name: text, work_position: text, color, avatar: text, avatar_hr: text, gender: oneOf('M', 'F'),
  birthday: (value) => text(value) && /^(?:\d\d-\d\d)?$/.test(String(value)), extranet: bool, network: bool, bot: bool, connector: bool,
  external_auth_id: text,
  status: oneOf('online', 'dnd', 'away', 'break'), idle: dateOrFalse, last_activity_date: dateOrFalse, mobile_last_date: dateOrFalse,
  desktop_last_date: dateOrFalse, absent: dateOrFalse, departments: ids, phones, bot_data: nothing, type: oneOf('user', 'bot', 'extranet'),
  website: text, email: text,
};
const NOBODY: Fields = { id: oneOf(0) };

const MESSAGE: Fields = {
  id: count, text: oneLine, file: bool, author_id: count, attach: bool, sticker: (value) => value === null || id(value), date,
  status: oneOf('received', 'delivered'),
  uuid: (value) => value === null || /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(String(value)),
};

const COMMON: Fields = {
  chat_id: id, avatar: { url: text, color }, title: text, message: MESSAGE, counter: count, last_id: count, pinned: bool, unread: bool,
  has_reminder: bool,
  date_update: date, date_last_activity: date, options: emptyList,
};
const PRIVATE: Fields = { ...COMMON, id, type: oneOf('user'), chat: STUB, user: USER };
const GROUP: Fields = { ...COMMON, id: (value) => /^chat\d+$/.test(String(value)), type: oneOf('chat'), chat: CHAT };
const LINES: Fields = { lines: { id: int, status: int, date_create: date } };

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function fieldsOf(row: Record<string, unknown>): Fields {
  if (row['type'] === 'user') return PRIVATE;
  const user = (row['message'] as { author_id: number }).author_id === 0 ? NOBODY : USER;
  const isLine = (row['chat'] as { entity_type: string }).entity_type === 'LINES';
  return { ...GROUP, user, ...(isLine && LINES) };
}

/** Where a row differs from what the pages say: fields missing, fields too many, values of another type. */
export function rowFaults(row: object, original = false): string[] {
  const given = row as Record<string, unknown>;
  const fields = fieldsOf(given);
  return compare(given, original ? { ...fields, message: { ...MESSAGE, text } } : fields, '');
}

function compare(value: unknown, fields: Fields, path: string): string[] {
  if (!isMap(value)) return [`${path} is no object`];
  const extra = Object.keys(value).filter((name) => !(name in fields)).map((name) => `${path}${name} is not documented`);
  const wrong = Object.entries(fields).flatMap(([name, check]) => {
    if (!(name in value)) return [`${path}${name} is missing`];
    if (typeof check !== 'function') return compare(value[name], check, `${path}${name}.`);
    return check(value[name]) ? [] : [`${path}${name} is ${JSON.stringify(value[name])}`];
  });
  return [...extra, ...wrong];
}
