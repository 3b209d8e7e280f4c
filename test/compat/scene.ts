/** A small portal in which every refusal has somebody and something to happen to. */
import type { Client } from '../support/client.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

export interface Scene extends AsyncDisposable {
  portal: TestServer;
  admin: Client;
  /** Owns the chats below. */
  anna: Client;
  /** A plain member of them. */
  boris: Client;
  /** An employee with a chat of her own. */
  clara: Client;
  /** An extranet user who shares a chat with Anna and none with Boris or Clara. */
  guest: Client;
  /** Anna, Boris. */
  chat: number;
  channel: number;
  /** Bound to workgroup 17: can be neither renamed nor left. */
  workgroup: number;
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
}

/** A number that no user, chat, message or reminder has. */
export const NOBODY = 999_999_999;

export async function startScene(): Promise<Scene> {
  const portal = await startTestServer();
  const { admin } = portal;
  const anna = await portal.addUser('Anna', { email: 'anna@example.org' });
  const boris = await portal.addUser('Boris');
  const clara = await portal.addUser('Clara');
  const guest = await portal.addUser('Guest', { extranet: 1 });
  const chats = await addChats(anna, boris, clara, guest);
  const messages = await addMessages(chats, anna, boris, clara);
  const { chat_id: dialog } = await anna.call<{ chat_id: number }>('im.dialog.messages.get', { DIALOG_ID: boris.userId });
  return { portal, admin, anna, boris, clara, guest, ...chats, dialog, messages, [Symbol.asyncDispose]: () => portal[Symbol.asyncDispose]() };
}

async function addChats(anna: Client, boris: Client, clara: Client, guest: Client) {
  const add = (owner: Client, params: Record<string, unknown>) => owner.call<number>('im.chat.add', params);
  await add(anna, { TITLE: 'With the guest', USERS: [guest.userId] });
  return {
    chat: await add(anna, { TITLE: 'Group', USERS: [boris.userId] }),
    channel: await add(anna, { TITLE: 'Channel', TYPE: 'CHANNEL', USERS: [boris.userId] }),
    workgroup: await add(anna, { TITLE: 'Workgroup', ENTITY_TYPE: 'SONET_GROUP', ENTITY_ID: '17', USERS: [boris.userId] }),
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
