/** What the owner of a list sees, in the numbers of the portal that it came from: equal on both sides when all has come. */
import { takenOf } from '../../src/db/stores/intake-store.ts';
import type { TestServer } from './server.ts';
import type { Client } from './client.ts';

/** By the number here the number there. */
export interface Origins {
  user: Map<number, number>;
  chat: Map<number, number>;
  message: Map<number, number>;
  file: Map<number, number>;
}

interface Row {
  id: number | string;
  chat_id: number;
  type: 'user' | 'chat';
  title: string;
  message: Record<string, unknown> & { id: number; author_id: number };
  counter: number;
  last_id: number;
  pinned: boolean;
  unread: boolean;
  date_last_activity: string;
  chat: Record<string, unknown> & { mute_list: object; manager_list?: number[]; owner?: number };
  user: Record<string, unknown> & { id: number };
}

interface Message {
  id: number;
  author_id: number;
  date: string;
  text: string;
  unread: boolean;
  params: Record<string, unknown>;
  forward: { id: number; userId: number; chatId: number } | null;
}

/** The first portal that something was taken from. */
export async function originsAt(portal: TestServer): Promise<Origins> {
  return portal.server.context.messenger.db.read(async (s) => {
    const of = async (kind: 'user' | 'chat' | 'message' | 'file') => new Map([...(await takenOf(s, 1, kind))].map(([there, here]) => [here, there]));
    return { user: await of('user'), chat: await of('chat'), message: await of('message'), file: await of('file') };
  });
}

const same = <T>(value: T): T => value;

/** @param origins undefined at the portal where it comes from */
export async function listOf(client: Client, origins?: Origins): Promise<object[]> {
  const { items } = await client.call<{ items: Row[] }>('im.recent.list', { LIMIT: 200 });
  const [user, chat, message] = readers(origins) as [typeof same<number>, typeof same<number>, typeof same<number>];
  return items.map((row) => ({
    id: row.type === 'user' ? user(Number(row.id)) : `chat${chat(row.chat_id)}`, chat_id: chat(row.chat_id), title: row.title,
    message: { ...row.message, id: message(row.message.id), author_id: user(row.message.author_id), uuid: null },
    counter: row.counter, last_id: message(row.last_id), pinned: row.pinned, unread: row.unread, date_last_activity: row.date_last_activity,
    chat: {
      ...row.chat, id: row.type === 'chat' && chat(row.chat_id), mute_list: Object.keys(row.chat.mute_list).map((id) => user(Number(id))), avatar: '', entity_link: '', parent_chat_id: 0,
      manager_list: row.chat.manager_list?.map(user).sort((a, b) => a - b) ?? [], owner: user(row.chat.owner ?? 0), permissions: '',
    },
    user: named(row.user, user),
  }));
}

function named(person: Row['user'], user: (id: number) => number) {
  const { id, name, active, extranet, bot, email, gender, color, work_position, birthday } = person;
  return id === 0 ? 0 : { id: user(id), name, active, extranet, bot, email, gender, color, work_position, birthday };
}

function readers(origins?: Origins): Array<(id: number) => number> {
  const reader = (map?: Map<number, number>) => (map ? (id: number) => (id === 0 ? 0 : (map.get(id) ?? -id)) : same<number>);
  return [reader(origins?.user), reader(origins?.chat), reader(origins?.message), reader(origins?.file)];
}

/** Everything that was said in a dialog, the oldest first. */
export async function historyOf(client: Client, dialogId: number | string, origins?: Origins): Promise<object[]> {
  const [user, chat, message, file] = readers(origins) as [typeof same<number>, typeof same<number>, typeof same<number>, typeof same<number>];
  const said: Message[] = [];
  for (let last = 0; ; last = said.at(-1)!.id) {
    const page = await client.call<{ messages: Message[] }>('im.dialog.messages.get', { DIALOG_ID: dialogId, LIMIT: 50, ...(last > 0 && { LAST_ID: last }) });
    said.push(...page.messages);
    if (page.messages.length === 0) break;
  }
  return said.reverse().map(({ id, author_id, date, text, unread, params, forward }) => ({
    id: message(id), author: user(author_id), date, unread, text: withNumbers(text, user, chat, message), params: paramsOf(params, { user, message, file }),
    forward: forward && { ...forward, id: message(forward.id), userId: user(forward.userId), chatId: chat(forward.chatId) },
  }));
}

function withNumbers(text: string, user: (id: number) => number, chat: (id: number) => number, message: (id: number) => number): string {
  return text
    .replaceAll(/\[USER=(\d+)/gi, (_all, id: string) => `[USER=${user(Number(id))}`)
    .replaceAll(/\[CHAT=(\d+)/gi, (_all, id: string) => `[CHAT=${chat(Number(id))}`)
    .replaceAll(/\[context=chat(\d+)\/(\d+)/gi, (_all, id: string, at: string) => `[context=chat${chat(Number(id))}/${message(Number(at))}`);
}

function paramsOf(params: Record<string, unknown>, { user, message, file }: Record<'user' | 'message' | 'file', (id: number) => number>): Record<string, unknown> {
  const { REPLY_ID: reply, LIKE: likes, FILE_ID: files, KEYBOARD: _buttons, URL_ID: _link, URL_ONLY: _only, ...rest } = params;
  return {
    ...rest, ...(reply !== undefined && { REPLY_ID: message(reply as number) }), ...(likes !== undefined && { LIKE: (likes as number[]).map(user).sort((a, b) => a - b) }),
    ...(files !== undefined && { FILE_ID: (files as number[]).map(file) }),
  };
}

/** List, counters and all histories at once. */
export async function carried(client: Client, origins?: Origins): Promise<object> {
  const { items } = await client.call<{ items: Row[] }>('im.recent.list', { LIMIT: 200 });
  const counters = await client.call<{ TYPE: object }>('im.counters.get');
  const histories: Record<string, object[]> = {};
  const [, chat] = readers(origins);
  for (const row of items) histories[chat!(row.chat_id)] = await historyOf(client, row.id, origins);
  return { list: await listOf(client, origins), counters: counters.TYPE, histories };
}
