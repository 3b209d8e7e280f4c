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
  const email = `anna${scenes}@example.org`;
  const people = [['Anna', { email }], ['Boris'], ['Clara'], ['Guest', { extranet: 1 }], ['Victim']] as const;
  const [anna, boris, clara, guest, victim] = (await Promise.all(people.map(([name, fields]) => portal.addUser(name, fields)))) as [Client, Client, Client, Client, Client];
  const chats = await addChats(portal.admin, anna, boris, clara, guest);
  const messages = await addMessages(chats, anna, boris, clara);
  const files = await addFiles(chats, anna, boris, clara);
  const app = await addApp(portal);
  const apps = { annasApp: await app.as(anna), adminsApp: await app.as(portal.admin) };
  const { chat_id: dialog } = await anna.call<{ chat_id: number }>('im.dialog.messages.get', { DIALOG_ID: boris.userId });
  return { portal, admin: portal.admin, anna, ...apps, boris, clara, guest, victim, email, ...chats, dialog, messages, files };
}

/** At once, like what follows, where the order says nothing: a call less often waits for what is done after each commit. */
async function addChats(admin: Client, anna: Client, boris: Client, clara: Client, guest: Client) {
  const add = (owner: Client, params: Record<string, unknown>) => owner.call<number>('im.chat.add', params);
  const bound = { ENTITY_ID: String(1000 + scenes) };
  const [strict, chat, channel, workgroup, support, claras] = await Promise.all([
    add(anna, { TITLE: 'Strict', USERS: [boris.userId] }),
    add(anna, { TITLE: 'Group', USERS: [boris.userId] }),
    add(anna, { TITLE: 'Channel', TYPE: 'CHANNEL', USERS: [boris.userId] }),
    add(admin, { TITLE: 'Workgroup', ENTITY_TYPE: 'SONET_GROUP', ...bound, USERS: [anna.userId, boris.userId] }),
    add(admin, { TITLE: 'Support', ENTITY_TYPE: 'SUPPORT24_QUESTION', ...bound, USERS: [anna.userId] }),
    add(clara, { TITLE: 'Of Clara' }),
    add(anna, { TITLE: 'With the guest', USERS: [guest.userId] }),
  ]);
  await anna.call('tidemark.chat.permissions.set', { CHAT_ID: strict, MANAGE_USERS_ADD: 'owner' });
  return { strict, chat, channel, workgroup, support, claras };
}

async function addMessages(chats: { chat: number; channel: number; claras: number }, anna: Client, boris: Client, clara: Client) {
  const say = (who: Client, dialog: number | string) => who.call<number>('im.message.add', { DIALOG_ID: dialog, MESSAGE: 'said' });
  const deleted = await say(anna, `chat${chats.chat}`);
  await boris.call('im.dialog.read', { DIALOG_ID: `chat${chats.chat}`, MESSAGE_ID: deleted });
  await anna.call('im.message.delete', { MESSAGE_ID: deleted });
  const [annas, channel, claras, dialog] = await Promise.all([
    say(anna, `chat${chats.chat}`), say(anna, `chat${chats.channel}`), say(clara, `chat${chats.claras}`), say(anna, boris.userId),
  ]);
  return { deleted, annas, boriss: await say(boris, `chat${chats.chat}`), channel, claras, dialog };
}

async function addFiles(chats: { chat: number; claras: number }, anna: Client, boris: Client, clara: Client): Promise<SceneFiles> {
  const send = async (who: Client, chatId: number) =>
    (await who.call<{ file: { id: number } }>('im.v2.File.upload', { dialogId: `chat${chatId}`, fields: { name: 'said.txt', content: 'c2FpZA==' } })).file.id;
  const folderOf = async (who: Client, chatId: number) => (await who.call<{ ID: number }>('im.disk.folder.get', { CHAT_ID: chatId })).ID;
  const [[storage], annas, claras] = await Promise.all([
    anna.call<Array<{ ID: string }>>('disk.storage.getList'), send(anna, chats.chat), send(clara, chats.claras),
  ]);
  const [boriss, folder, clarasFolder] = await Promise.all([send(boris, chats.chat), folderOf(anna, chats.chat), folderOf(clara, chats.claras)]);
  return { annas, boriss, claras, folder, clarasFolder, storage: Number(storage!.ID) };
}
