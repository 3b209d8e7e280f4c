/** Chats with people in them, small or with more than a hundred members. */
import { recordActivity } from '../../src/db/stores/user-store.ts';
import type { Client } from './client.ts';
import type { TestServer } from './server.ts';

/** A row of the recent list as far as tests look at it. */
export interface Row {
  id: number | string;
  chat_id: number;
  title: string;
  counter: number;
  last_id: number;
  pinned: boolean;
  unread: boolean;
  message: { id: number; text: string; author_id: number; status: string; date: string };
  chat: { role: string; user_counter: number; owner: number; mute_list: object; manager_list: number[] };
  date_update: string;
}

export interface Message {
  id: number;
  text: string;
  author_id: number;
  unread: boolean;
  uuid: string | null;
  params: Record<string, unknown>;
}

export interface Circle {
  owner: Client;
  member: Client;
  other: Client;
  chat: number;
  dialog: string;
}

/** How many members a chat has besides the three: none, or so many that their rows are not moved by messages. */
export const SIZES: Array<[string, number]> = [['a small chat', 0], ['a chat of more than a hundred', 100]];

export async function addCrowd(portal: TestServer, size: number): Promise<number[]> {
  const ids: number[] = [];
  while (ids.length < size) ids.push((await portal.addUser(`Extra ${ids.length}`)).userId);
  return ids;
}

/** Three new people in a chat of their own, which they have read. */
export async function addCircle(portal: TestServer, crowd: readonly number[] = [], params: Record<string, unknown> = {}): Promise<Circle> {
  const [owner, member, other] = [await portal.addUser('Owner'), await portal.addUser('Member'), await portal.addUser('Other')];
  const USERS = [member.userId, other.userId, ...crowd];
  const chat = await owner.call<number>('im.chat.add', { TITLE: 'Circle', USERS, ...params });
  for (const who of [member, other]) await who.call('im.dialog.read', { DIALOG_ID: `chat${chat}` });
  return { owner, member, other, chat, dialog: `chat${chat}` };
}

export const say = (who: Client, DIALOG_ID: number | string, params: Record<string, unknown> = {}) =>
  who.call<number>('im.message.add', { DIALOG_ID, MESSAGE: 'Hello', ...params });

/** The answer without what every call moves by itself: who was active when is written down a little later. */
export function stable<T>(answer: T): T {
  return JSON.parse(JSON.stringify(answer, (key, value: unknown) => (key === 'last_activity_date' ? false : value))) as T;
}

/** Who calls is written down a little later, and then shows in lists. What these people's calls of the next half minute would say is known from now on. */
export async function knownAsActive({ server, clock }: TestServer, people: readonly Client[]): Promise<void> {
  await server.context.db.write(async (s) => {
    for (const { userId } of people) await recordActivity(s, userId, clock.now() + 30_000);
  });
}

/** Somebody's row of a dialog, which both lists show alike. */
export async function rowOf(who: Client, id: number | string): Promise<Row | undefined> {
  const rows = stable(await who.call<Row[]>('im.recent.get'));
  const { items } = stable(await who.call<{ items: Row[] }>('im.recent.list', { LIMIT: 200 }));
  const [row, listed] = [rows, items].map((list) => list.find((candidate) => candidate.id === id));
  if (JSON.stringify(listed) !== JSON.stringify(row)) {
    throw new Error(`im.recent.get shows ${JSON.stringify(row)} and im.recent.list ${JSON.stringify(listed)}`);
  }
  return row;
}

/** Newest first. */
export async function historyOf(who: Client, DIALOG_ID: number | string, params: Record<string, unknown> = {}): Promise<Message[]> {
  return (await who.call<{ messages: Message[] }>('im.dialog.messages.get', { DIALOG_ID, LIMIT: 50, ...params })).messages;
}
