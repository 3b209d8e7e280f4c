/** A small portal in which every refusal has somebody and something to happen to. */
import { addApp } from '../support/application.ts';
import type { Client } from '../support/client.ts';
import type { TestServer } from '../support/server.ts';

export interface Scene {
  portal: TestServer;
  admin: Client;
  /** Owns the chats below. */
  anna: Client;
  /** Anna and the administrator through an application. */
  annasApp: Client;
  adminsApp: Client;
  /** Anna's. */
  email: string;
  /** A plain member of them. */
  boris: Client;
  /** An employee with a chat of her own. */
  clara: Client;
  /** An extranet user who shares a chat with Anna and none with Boris or Clara. */
  guest: Client;
  /** Somebody whose profile may be changed at will. */
  victim: Client;
  /** Anna, Boris. */
  chat: number;
  channel: number;
  /** Bound to a workgroup: can be neither renamed nor left. */
  workgroup: number;
  /** Anna, Boris; only Anna may add others. */
  strict: number;
  /** Of a kind that does not show its members. Anna is in it. */
  support: number;
  /** Only Clara is in it. */
  claras: number;
  /** Anna's private dialog with Boris, by its chat. */
  dialog: number;
  messages: {
    /** Of Anna, in `chat`. */
    annas: number;
    /** Of Boris, in `chat`. */
    boriss: number;
    /** Of Anna, in `channel`. */
    channel: number;
    /** Of Clara, in `claras`. */
    claras: number;
    /** Of Anna to Boris. */
    dialog: number;
    /** Of Anna in `chat`; deleted after Boris had read it. */
    deleted: number;
  };
  files: SceneFiles;
}

/** Files and folders. */
export interface SceneFiles {
  /** Shown in `chat`, sent by Anna and by Boris. */
  annas: number;
  boriss: number;
  /** Shown in `claras`. */
  claras: number;
  /** Where the files of `chat`, of `claras` and of Anna herself lie. */
  folder: number;
  clarasFolder: number;
  storage: number;
}

/** A number that no user, chat, message or reminder has. */
export const NOBODY = 999_999_999;

let scenes = 0;

/** Adds people and chats of their own to a portal, so that scenes on one server do not meet. */
export async function addScene(portal: TestServer): Promise<Scene> {
  scenes += 1;
  const anna = await portal.addUser('Anna', { email: `anna${scenes}@example.org` });
  const boris = await portal.addUser('Boris');
  const clara = await portal.addUser('Clara');
  const guest = await portal.addUser('Guest', { extranet: 1 });
  const victim = await portal.addUser('Victim');
  const chats = await addChats(portal.admin, anna, boris, clara, guest);
  const messages = await addMessages(chats, anna, boris, clara);
  const files = await addFiles(chats, anna, boris, clara);
  const app = await addApp(portal);
  const apps = { annasApp: await app.as(anna), adminsApp: await app.as(portal.admin) };
  const { chat_id: dialog } = await anna.call<{ chat_id: number }>('im.dialog.messages.get', { DIALOG_ID: boris.userId });
  return { portal, admin: portal.admin, anna, ...apps, boris, clara, guest, victim, email: `anna${scenes}@example.org`, ...chats, dialog, messages, files };
}

async function addChats(admin: Client, anna: Client, boris: Client, clara: Client, guest: Client) {
  const add = (owner: Client, params: Record<string, unknown>) => owner.call<number>('im.chat.add', params);
  await add(anna, { TITLE: 'With the guest', USERS: [guest.userId] });
  const strict = await add(anna, { TITLE: 'Strict', USERS: [boris.userId] });
  await anna.call('tidemark.chat.permissions.set', { CHAT_ID: strict, MANAGE_USERS_ADD: 'owner' });
  return {
    strict,
    chat: await add(anna, { TITLE: 'Group', USERS: [boris.userId] }),
    channel: await add(anna, { TITLE: 'Channel', TYPE: 'CHANNEL', USERS: [boris.userId] }),
    workgroup: await add(admin, { TITLE: 'Workgroup', ENTITY_TYPE: 'SONET_GROUP', ENTITY_ID: String(1000 + scenes), USERS: [anna.userId, boris.userId] }),
    support: await add(admin, { TITLE: 'Support', ENTITY_TYPE: 'SUPPORT24_QUESTION', ENTITY_ID: String(1000 + scenes), USERS: [anna.userId] }),
    claras: await add(clara, { TITLE: 'Of Clara' }),
  };
}

async function addMessages(chats: { chat: number; channel: number; claras: number }, anna: Client, boris: Client, clara: Client) {
  const say = (who: Client, dialog: number | string) => who.call<number>('im.message.add', { DIALOG_ID: dialog, MESSAGE: 'said' });
  const deleted = await say(anna, `chat${chats.chat}`);
  await boris.call('im.dialog.read', { DIALOG_ID: `chat${chats.chat}`, MESSAGE_ID: deleted });
  await anna.call('im.message.delete', { MESSAGE_ID: deleted });
  return {
    deleted,
    annas: await say(anna, `chat${chats.chat}`),
    boriss: await say(boris, `chat${chats.chat}`),
    channel: await say(anna, `chat${chats.channel}`),
    claras: await say(clara, `chat${chats.claras}`),
    dialog: await say(anna, boris.userId),
  };
}

async function addFiles(chats: { chat: number; claras: number }, anna: Client, boris: Client, clara: Client): Promise<SceneFiles> {
  const send = async (who: Client, chatId: number) =>
    (await who.call<{ file: { id: number } }>('im.v2.File.upload', { dialogId: `chat${chatId}`, fields: { name: 'said.txt', content: 'c2FpZA==' } })).file.id;
  const folderOf = async (who: Client, chatId: number) => (await who.call<{ ID: number }>('im.disk.folder.get', { CHAT_ID: chatId })).ID;
  const [storage] = await anna.call<Array<{ ID: string }>>('disk.storage.getList');
  return {
    annas: await send(anna, chats.chat), boriss: await send(boris, chats.chat), claras: await send(clara, chats.claras),
    folder: await folderOf(anna, chats.chat), clarasFolder: await folderOf(clara, chats.claras), storage: Number(storage!.ID),
  };
}
