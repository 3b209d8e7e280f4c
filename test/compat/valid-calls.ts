/** For every method parameters with which it succeeds: what a hostile value is put beside. */
import { adminCalls } from './admin-cases.ts';
import { PICTURE } from './chat-setting-cases.ts';
import type { Client } from '../support/client.ts';
import type { Scene } from './scene.ts';

type Params = Record<string, unknown>;

export interface ValidCall {
  /** Who may make the call; Anna unless said otherwise. */
  as?: 'admin' | 'annasApp' | 'adminsApp';
  /** A value that must differ from call to call is a function. */
  params?: (scene: Scene) => Params | Promise<Params>;
  /** Parameters of which a call gives one. */
  oneOf?: readonly string[];
}

const DATE = '2026-02-25T18:30:00+01:00';
let users = 0;
let handlers = 0;

const toChat = ({ chat }: Scene): Params => ({ DIALOG_ID: `chat${chat}` });
const chatId = ({ chat }: Scene): Params => ({ CHAT_ID: chat });
const department = ({ admin }: Scene) => admin.call('department.add', { NAME: 'Added', PARENT: 1 });
const toUser = ({ boris }: Scene): Params => ({ USER_ID: boris.userId, MESSAGE: 'told' });
const notice = ({ anna, boris }: Scene) => boris.call('im.notify', { USER_ID: anna.userId, MESSAGE: 'told' });
const message = ({ messages }: Scene): Params => ({ MESSAGE_ID: messages.annas });

async function draft(anna: Client, folder: number): Promise<number> {
  const file = { ID: folder, DATA: { NAME: 'draft.txt' }, FILECONTENT: ['draft.txt', 'c2FpZA=='], GENERATEUNIQUENAME: true };
  return (await anna.call<{ ID: number }>('disk.folder.uploadFile', file)).ID;
}

export const validCalls: Readonly<Record<string, ValidCall>> = {
  'im.recent.get': {},
  'im.recent.list': {},
  'im.recent.pin': { params: toChat },
  'im.recent.unread': { params: toChat },
  'im.recent.hide': { params: toChat },
  'im.dialog.get': { params: toChat },
  'im.dialog.messages.get': { params: toChat },
  'im.dialog.read': { params: toChat },
  'im.dialog.unread': { params: (scene) => ({ ...toChat(scene), ...message(scene) }) },
  'im.dialog.read.all': {},
  'im.dialog.users.list': { params: toChat },
  'im.dialog.writing': { params: toChat },
  'im.dialog.messages.search': { params: chatId },
  'tidemark.messages.search': {},
  'tidemark.apps.list': {},
  'im.counters.get': {},
  'im.message.add': { params: (scene) => ({ ...toChat(scene), MESSAGE: 'said' }), oneOf: ['DIALOG_ID', 'CHAT_ID', 'USER_ID'] },
  'im.message.update': { params: (scene) => ({ ...message(scene), MESSAGE: 'said' }) },
  'im.message.like': { params: message },
  'im.message.delete': { params: message },
  'im.message.share': { params: (scene) => ({ ...toChat(scene), ...message(scene), TYPE: 'CHAT' }) },
  'tidemark.message.react': { params: (scene) => ({ ...message(scene), REACTION: 'fire' }) },
  'tidemark.message.pin': { params: message },
  'tidemark.message.pinned.list': { params: toChat },
  'tidemark.comments.open': { params: ({ messages }) => ({ MESSAGE_ID: messages.channel }) },
  'im.chat.add': { params: () => ({ TITLE: 'Added' }) },
  'im.chat.user.add': { params: ({ chat, boris }) => ({ CHAT_ID: chat, USERS: [boris.userId] }) },
  'im.chat.user.delete': { params: ({ chat, boris }) => ({ CHAT_ID: chat, USER_ID: boris.userId }) },
  'im.chat.user.list': { params: chatId },
  'im.chat.leave': { params: chatId },
  'im.chat.updateTitle': { params: (scene) => ({ ...chatId(scene), TITLE: 'Renamed' }), oneOf: ['CHAT_ID', 'DIALOG_ID'] },
  'im.chat.get': { params: () => ({ ENTITY_TYPE: 'CRM', ENTITY_ID: 'DEAL|1' }) },
  'im.chat.updateColor': { params: (scene) => ({ ...chatId(scene), COLOR: 'MINT' }), oneOf: ['CHAT_ID', 'DIALOG_ID'] },
  'im.chat.updateAvatar': { params: (scene) => ({ ...chatId(scene), AVATAR: PICTURE }), oneOf: ['CHAT_ID', 'DIALOG_ID'] },
  'im.chat.setOwner': { params: (scene) => ({ ...chatId(scene), USER_ID: scene.anna.userId }), oneOf: ['CHAT_ID', 'DIALOG_ID'] },
  'im.chat.setManager': { params: (scene) => ({ ...chatId(scene), USER_ID: scene.boris.userId }), oneOf: ['CHAT_ID', 'DIALOG_ID'] },
  'tidemark.chat.permissions.set': { params: (scene) => ({ ...chatId(scene), CAN_POST: 'member' }), oneOf: ['CHAT_ID', 'DIALOG_ID'] },
  'im.chat.mute': { params: chatId, oneOf: ['CHAT_ID', 'DIALOG_ID'] },
  'im.user.get': {},
  'im.user.list.get': { params: ({ boris }) => ({ ID: [boris.userId] }) },
  'im.v2.File.upload': { params: ({ chat }) => ({ DIALOGID: `chat${chat}`, FIELDS: { name: 'said.txt', content: 'c2FpZA==' } }) },
  'im.v2.File.download': { params: ({ chat, files }) => ({ DIALOGID: `chat${chat}`, FILEID: files.annas }) },
  'im.disk.folder.get': { params: chatId, oneOf: ['CHAT_ID', 'DIALOG_ID'] },
  'im.disk.file.commit': { params: (scene) => ({ ...chatId(scene), FILE_ID: [scene.files.annas] }), oneOf: ['CHAT_ID', 'DIALOG_ID'] },
  'im.disk.file.save': { params: ({ files }) => ({ FILE_ID: files.annas }), oneOf: ['FILE_ID', 'DISK_ID'] },
  'im.disk.file.delete': { params: (scene) => ({ ...chatId(scene), FILE_ID: scene.files.boriss }), oneOf: ['FILE_ID', 'DISK_ID'] },
  'disk.storage.getList': {},
  'disk.storage.uploadFile': { params: ({ files }) => ({ ID: files.storage, DATA: { NAME: 'said.txt' }, FILECONTENT: ['said.txt', 'c2FpZA=='], GENERATEUNIQUENAME: true }) },
  'disk.folder.uploadFile': { params: ({ files }) => ({ ID: files.folder, DATA: { NAME: 'said.txt' }, FILECONTENT: ['said.txt', 'c2FpZA=='], GENERATEUNIQUENAME: true }) },
  'disk.folder.getChildren': { params: ({ files }) => ({ ID: files.folder }) },
  'disk.folder.addSubfolder': { params: ({ files }) => ({ ID: files.folder, DATA: () => JSON.stringify({ NAME: `Folder ${handlers++}` }) }) },
  'disk.file.get': { params: ({ files }) => ({ ID: files.annas }) },
  'disk.file.delete': { params: async ({ anna, files }) => ({ ID: await draft(anna, files.folder) }) },
  'disk.file.getExternalLink': { params: ({ files }) => ({ ID: files.annas }) },
  'im.notify': { params: toUser },
  'im.notify.personal.add': { params: toUser },
  'im.notify.system.add': { params: toUser },
  'im.notify.delete': { params: async (scene) => ({ ID: await notice(scene) }), oneOf: ['ID', 'TAG', 'SUB_TAG'] },
  'im.notify.confirm': { params: async (scene) => ({ NOTIFY_ID: await notice(scene), NOTIFY_VALUE: 'Y' }) },
  'im.notify.answer': { params: async (scene) => ({ NOTIFY_ID: await notice(scene), ANSWER_TEXT: 'said' }) },
  'im.notify.get': {},
  'im.notify.read': { params: async (scene) => ({ ID: await notice(scene) }) },
  'im.notify.read.list': { params: async (scene) => ({ IDS: [await notice(scene)] }) },
  'im.notify.read.all': {},
  'im.notify.history.search': { params: () => ({ SEARCH_TEXT: 'told' }) },
  'im.notify.schema.get': {},
  'im.search.user.list': { params: () => ({ FIND: 'bo' }) },
  'im.search.chat.list': { params: () => ({ FIND: 'gr' }) },
  'user.online': {},
  'user.counters': {},
  'im.v2.Event.get': {},
  'im.v2.Event.subscribe': {},
  'im.v2.Event.unsubscribe': {},
  'im.search.last.add': { params: toChat },
  'im.search.last.delete': { params: toChat },
  'im.search.last.get': {},
  'im.search.department.list': { params: () => ({ FIND: 'ti' }) },
  'im.department.get': { params: () => ({ ID: [1] }) },
  'im.department.managers.get': { params: () => ({ ID: [1] }) },
  'im.department.employees.get': { params: () => ({ ID: [1] }) },
  'im.department.colleagues.list': {},
  'im.user.status.get': {},
  'im.user.status.set': { params: () => ({ STATUS: 'away' }) },
  'im.user.status.idle.start': {},
  'im.user.status.idle.end': {},
  'im.revision.get': {},
  'department.fields': {},
  'department.add': { as: 'admin', params: () => ({ NAME: 'Added', PARENT: 1 }) },
  'department.update': { as: 'admin', params: async (scene) => ({ ID: await department(scene) }) },
  'department.delete': { as: 'admin', params: async (scene) => ({ ID: await department(scene) }) },
  'user.current': {},
  'user.get': {},
  'user.search': {},
  'user.fields': {},
  'department.get': {},
  'user.add': { as: 'admin', params: () => ({ EMAIL: () => `user${users++}@example.org` }) },
  'user.update': { as: 'admin', params: ({ victim }) => ({ ID: victim.userId }) },
  'server.time': {},
  methods: {},
  scope: {},
  profile: {},
  batch: { params: () => ({ CMD: ['server.time'] }) },
  'method.get': { params: () => ({ NAME: 'im.recent.get' }) },
  'feature.get': { params: () => ({ CODE: 'rest_auth_connector' }) },
  'user.admin': {},
  'user.access': { params: () => ({ ACCESS: ['AU'] }) },
  'access.name': { params: () => ({ ACCESS: ['AU'] }) },
  'app.info': { as: 'annasApp' },
  'app.option.get': { as: 'annasApp' },
  'app.option.set': { as: 'adminsApp', params: () => ({ OPTIONS: { theme: 'dark' } }) },
  'user.option.get': { as: 'annasApp' },
  'user.option.set': { as: 'annasApp', params: () => ({ OPTIONS: { theme: 'dark' } }) },
  'tidemark.manifest.get': {},
  events: { as: 'annasApp' },
  'event.bind': { as: 'annasApp', params: () => ({ EVENT: 'ONIMV2MESSAGEADD', HANDLER: () => `https://app.example/${handlers++}` }) },
  'event.unbind': { as: 'annasApp', params: () => ({ EVENT: 'ONIMV2MESSAGEADD', HANDLER: 'https://app.example/' }) },
  'event.get': { as: 'annasApp' },
  'event.test': { as: 'annasApp' },
  'pull.config.get': {},
  'pull.application.config.get': { as: 'annasApp' },
  'pull.channel.public.get': { params: ({ boris }) => ({ USER_ID: boris.userId }) },
  'pull.channel.public.list': { params: ({ boris }) => ({ USERS: [boris.userId] }) },
  'pull.api.user.getLastSeen': { params: ({ boris }) => ({ USERIDS: [boris.userId] }) },
  'pull.watch.extend': { params: ({ chat }) => ({ TAGS: [`IM_PUBLIC_${chat}`] }) },
  'pull.application.event.add': { as: 'adminsApp', params: ({ anna }) => ({ COMMAND: 'told', PARAMS: { a: 1 }, MODULE_ID: 'application', USER_ID: [anna.userId] }) },
  'pull.application.push.add': { as: 'adminsApp', params: ({ anna }) => ({ USER_ID: [anna.userId], TEXT: 'told' }) },
  'event.offline.get': { as: 'adminsApp' },
  'event.offline.list': { as: 'adminsApp' },
  'event.offline.clear': { as: 'adminsApp', params: () => ({ PROCESS_ID: 'a'.repeat(32) }) },
  'event.offline.error': { as: 'adminsApp', params: () => ({ PROCESS_ID: 'a'.repeat(32) }) },
  'tidemark.reminder.add': { params: (scene) => ({ ...message(scene), DATE }) },
  'tidemark.reminder.done': { params: async (scene) => ({ ID: await scene.anna.call('tidemark.reminder.add', { ...message(scene), DATE }) }) },
  'tidemark.reminder.list': {},
  'tidemark.recent.changes': {},
  ...adminCalls,
};

export function callerOf(scene: Scene, call: ValidCall): Client {
  return call.as ? scene[call.as] : scene.anna;
}

/** The given parameters without the one that is to be hostile and those it stands for. */
export function paramsBeside(call: ValidCall, given: Params, name: string): Params {
  const dropped = call.oneOf?.includes(name) ? call.oneOf : [name];
  return Object.fromEntries(
    Object.entries(given)
      .filter(([other]) => !dropped.includes(other))
      .map(([other, value]) => [other, typeof value === 'function' ? (value as () => unknown)() : value]),
  );
}
