/**
 * Which calls are compared. Only what stands here is ever called, and nothing here changes anything: neither at this server nor, by its public
 * documentation, at the original. A method that may make what it gives (storages, folders, links, channels) is therefore not here.
 */
import type { Findings } from './findings.ts';
import type { Params } from './portal.ts';

export interface Probe {
  method: string;
  /** What tells it from the method's other calls; none for the plain one. */
  what?: string;
  /** What a portal must have for it. */
  needs?: string;
  /** It asks for an error: then its code and status are compared. */
  wrong?: true;
  /** The keys of its maps are names of fields: those that are never left out. */
  always?: readonly string[] | 'all';
  /** The calls to make; none where the portal has nothing to ask for. */
  params(found: Findings): Promise<Params[]> | Params[];
}

type Name = Extract<keyof Findings, string>;
type One<K extends Name> = Awaited<ReturnType<Findings[K]>>[number];
type More = Pick<Probe, 'always' | 'what'>;

/** One call. */
function plain(method: string, params: Params = {}, more: More = {}): Probe {
  return { method, ...more, params: () => [params] };
}

/** One call for each of what is found. */
function each<K extends Name>(method: string, needs: K, toParams: (one: One<K>) => Params, what: string = needs): Probe {
  return { method, what, needs, params: async (found) => ((await found[needs]()) as Array<One<K>>).map(toParams) };
}

/** One call for all of what is found. */
function all<K extends Name>(method: string, needs: K, toParams: (all: Array<One<K>>) => Params, what: string): Probe {
  const params = async (found: Findings) => [(await found[needs]()) as Array<One<K>>].filter((some) => some.length > 0).map(toParams);
  return { method, what, needs, params };
}

function wrong(method: string, what: string, params: Params = {}): Probe {
  return { method, what, wrong: true, params: () => [params] };
}

/** An id that no portal has. */
const NONE = 2_147_483_646;
const NO_CHAT = `chat${NONE}`;

const chats: Probe[] = [
  plain('im.recent.get'),
  plain('im.recent.list', { LIMIT: 100 }),
  plain('im.recent.list', { LIMIT: 1 }, { what: 'first page' }),
  plain('im.counters.get'),
  each('im.dialog.get', 'groups', (DIALOG_ID) => ({ DIALOG_ID })),
  each('im.dialog.get', 'others', (DIALOG_ID) => ({ DIALOG_ID })),
  each('im.dialog.messages.get', 'groups', (DIALOG_ID) => ({ DIALOG_ID, LIMIT: 50 })),
  each('im.dialog.messages.get', 'others', (DIALOG_ID) => ({ DIALOG_ID, LIMIT: 50 })),
  each('im.dialog.messages.search', 'chats', (CHAT_ID) => ({ CHAT_ID, LIMIT: 20 })),
  each('im.dialog.users.list', 'groups', (DIALOG_ID) => ({ DIALOG_ID, LIMIT: 20 })),
  each('im.chat.user.list', 'chats', (CHAT_ID) => ({ CHAT_ID })),
  each('im.chat.get', 'entities', ({ type, id }) => ({ ENTITY_TYPE: type, ENTITY_ID: id })),
  each('im.search.chat.list', 'words', (FIND) => ({ FIND })),
  plain('im.search.last.get'),
  plain('im.notify.get', { LIMIT: 50 }),
  each('im.notify.history.search', 'words', (SEARCH_TEXT) => ({ SEARCH_TEXT })),
  plain('im.notify.schema.get'),
  plain('im.revision.get'),
  each('im.v2.File.download', 'files', ({ dialog, id }) => ({ dialogId: dialog, fileId: Number(id) })),
];

/** Of a user who has set nothing. */
const OF_USERS: readonly string[] = [
  'ID', 'ACTIVE', 'NAME', 'LAST_NAME', 'EMAIL', 'LAST_LOGIN', 'DATE_REGISTER', 'TIME_ZONE', 'IS_ONLINE', 'TIMESTAMP_X', 'LAST_ACTIVITY_DATE', 'PERSONAL_GENDER',
  'PERSONAL_BIRTHDAY', 'PERSONAL_WWW', 'WORK_POSITION', 'UF_DEPARTMENT', 'USER_TYPE',
];

const people: Probe[] = [
  plain('im.user.get'),
  each('im.user.get', 'others', (ID) => ({ ID })),
  all('im.user.list.get', 'people', (ID) => ({ ID }), 'as a map'),
  all('im.user.list.get', 'people', (ID) => ({ ID, RESULT_TYPE: 'array' }), 'as a list'),
  plain('im.user.status.get'),
  each('im.search.user.list', 'words', (FIND) => ({ FIND })),
  each('im.search.department.list', 'words', (FIND) => ({ FIND, USER_DATA: 'Y' })),
  plain('im.department.colleagues.list', { LIMIT: 50 }, { what: 'ids' }),
  plain('im.department.colleagues.list', { LIMIT: 50, USER_DATA: 'Y' }, { what: 'with their data' }),
  ...['im.department.get', 'im.department.managers.get', 'im.department.employees.get'].flatMap((method) => [
    all(method, 'departments', (ID) => ({ ID }), 'ids'),
    all(method, 'departments', (ID) => ({ ID, USER_DATA: 'Y' }), 'with data of users'),
  ]),
  plain('user.current', {}, { always: OF_USERS }),
  plain('user.get', {}, { always: OF_USERS }),
  { ...each('user.search', 'words', (FIND) => ({ FIND })), always: OF_USERS },
  plain('user.fields', {}, { always: 'all' }),
  plain('user.counters'),
  plain('user.online'),
  all('pull.api.user.getLastSeen', 'people', (userIds) => ({ userIds: userIds.map(Number) }), 'people'),
  plain('department.get'),
  plain('department.fields', {}, { always: 'all' }),
];

const disk: Probe[] = [
  each('disk.folder.getChildren', 'folders', (id) => ({ id })),
  each('disk.file.get', 'files', ({ id }) => ({ id })),
];

const system: Probe[] = [
  plain('profile'),
  plain('server.time'),
  plain('scope'),
  plain('methods'),
  plain('method.get', { name: 'im.recent.get' }, { what: 'of one that exists' }),
  plain('method.get', { name: 'im.nothing.get' }, { what: 'of one that does not' }),
  plain('app.info'),
  plain('user.admin'),
  all('user.access', 'self', ([id]) => ({ ACCESS: [`U${id}`] }), 'of the owner'),
  all('access.name', 'self', ([id]) => ({ ACCESS: ['AU', `U${id}`] }), 'of the owner'),
  plain('feature.get', { CODE: 'rest_auth_connector' }),
  plain('batch', { halt: 0, cmd: { time: 'server.time', none: 'im.nothing.get' } }),
];

/** Methods that want a dialog, and those that want a chat. */
const OF_DIALOGS = ['im.dialog.get', 'im.dialog.messages.get', 'im.dialog.users.list'];
const OF_CHATS = ['im.chat.user.list', 'im.dialog.messages.search'];
/** Of which a webhook is told that they are for applications. */
const OF_APPLICATIONS = ['events', 'event.get', 'app.option.get', 'user.option.get', 'event.offline.list'];

const errors: Probe[] = [
  wrong('im.nothing.get', 'no such method'),
  ...OF_DIALOGS.flatMap((method) => [
    wrong(method, 'without DIALOG_ID'),
    wrong(method, 'DIALOG_ID that is none', { DIALOG_ID: 'nothing' }),
    wrong(method, 'of no chat', { DIALOG_ID: NO_CHAT }),
    wrong(method, 'of nobody', { DIALOG_ID: NONE }),
  ]),
  ...OF_CHATS.flatMap((method) => [wrong(method, 'without CHAT_ID'), wrong(method, 'of no chat', { CHAT_ID: NONE })]),
  ...['FIRST_ID', 'LAST_ID'].map((name) => ({
    ...all('im.dialog.messages.get', 'dialogs', ([DIALOG_ID]) => ({ DIALOG_ID, [name]: 'x' }), `${name} that is none`), wrong: true as const,
  })),
  wrong('im.user.get', 'ID that is none', { ID: 'x' }),
  wrong('im.user.get', 'of nobody', { ID: NONE }),
  wrong('im.user.list.get', 'without ID'),
  wrong('im.user.list.get', 'ID that is none', { ID: ['x'] }),
  ...['im.search.user.list', 'im.search.chat.list', 'im.search.department.list'].map((method) => wrong(method, 'FIND too short', { FIND: 'a' })),
  ...['im.department.get', 'im.department.managers.get', 'im.department.employees.get'].map((method) => wrong(method, 'without ID')),
  wrong('im.notify.history.search', 'without anything'),
  wrong('im.v2.File.download', 'of no chat', { dialogId: NO_CHAT, fileId: NONE }),
  wrong('disk.file.get', 'without ID'),
  wrong('disk.file.get', 'of no file', { id: NONE }),
  wrong('disk.folder.getChildren', 'of no folder', { id: NONE }),
  wrong('pull.api.user.getLastSeen', 'without USERIDS'),
  wrong('feature.get', 'without CODE'),
  ...OF_APPLICATIONS.map((method) => wrong(method, 'by a webhook')),
  wrong('batch', 'of too many', { cmd: Array.from({ length: 51 }, () => 'server.time') }),
];

export const PROBES: readonly Probe[] = [...chats, ...people, ...disk, ...system, ...errors];
