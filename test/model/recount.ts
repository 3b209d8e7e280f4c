/**
 * Holds what the list says against the messages themselves, as a client can fetch them: for states that many clients
 * made at once, where nobody knows in which order things happened. See model.ts for runs where the order is known.
 */
import type { Client } from '../support/client.ts';
import { sorted, toCounters, toRow, type WireCounters, type WireRow } from './answers.ts';
import { same } from './same.ts';
import { countersOf } from './view.ts';

export interface WireMessage {
  chat_id: number;
  id: number;
  author_id: number;
  text: string;
  uuid: string | null;
  params: [] | { IS_DELETED?: string };
}

const PAGE = 50;

/** A dialog's messages, newest first, down to and without `above`. */
export async function historyOf(client: Client, dialogId: string | number, above = 0): Promise<WireMessage[]> {
  const found: WireMessage[] = [];
  for (;;) {
    const params = { DIALOG_ID: String(dialogId), LIMIT: PAGE, LAST_ID: found.at(-1)?.id };
    const { messages } = await client.call<{ messages: WireMessage[] }>('im.dialog.messages.get', params);
    found.push(...messages.filter(({ id }) => id > above));
    if (messages.length < PAGE || messages.at(-1)!.id <= above) return found;
  }
}

export function isDeleted({ params }: WireMessage): boolean {
  return !Array.isArray(params) && params.IS_DELETED === 'Y';
}

const SILENT = / created the chat "| left the chat$| from the chat$/;

/** Whether the message is news to somebody: greetings and farewells of the messenger itself are not. */
export function isNews(message: WireMessage): boolean {
  return !isDeleted(message) && (message.author_id > 0 || !SILENT.test(message.text));
}

/** A row that has changed since an earlier first page was given may come again: it counts once. */
export async function wholeList(client: Client): Promise<WireRow[]> {
  const rows = new Map<number, WireRow>();
  for (let OFFSET = 0; ; ) {
    const { items, hasMore } = await client.call<{ items: WireRow[]; hasMore: boolean }>('im.recent.list', { LIMIT: 200, OFFSET });
    for (const row of items) if (!rows.has(row.chat_id)) rows.set(row.chat_id, row);
    OFFSET += items.length;
    if (!hasMore) return [...rows.values()];
  }
}

/**
 * Checks a user's list: each row's counter and last message against the dialog's history, the order, im.recent.get,
 * im.counters.get. Rows whose chats are not in `chatIds`, where given, are not counted again.
 *
 * @returns the rows
 */
export async function recount(client: Client, chatIds?: ReadonlySet<number>): Promise<WireRow[]> {
  const who = `user ${client.userId}`;
  const rows = await wholeList(client);
  for (const row of rows) {
    if (!chatIds || chatIds.has(row.chat_id)) await recountRow(client, row);
  }
  same(`order of the list of ${who}`, rows.map(({ id }) => id), [...rows].sort(inOrder).map(({ id }) => id));
  same(`im.recent.get of ${who}`, (await client.call<WireRow[]>('im.recent.get')).map(toRow), rows.map(toRow));
  const counters = toCounters(await client.call<WireCounters>('im.counters.get'));
  same(`im.counters.get of ${who}`, sorted(counters), sorted(countersOf(rows.map(toRow), 0)));
  return rows;
}

async function recountRow(client: Client, row: WireRow): Promise<void> {
  const what = `row ${row.id} of user ${client.userId}`;
  // One page at least, so that there is a last message even where all is read.
  const messages = await historyOf(client, row.id, row.last_id - 1);
  const [newest] = messages.length > 0 ? messages : await historyOf(client, row.id);
  const unread = messages.filter((message) => isNews(message) && message.author_id !== client.userId && message.id > row.last_id);
  same(`counter of ${what}`, row.counter, unread.length);
  same(`last message of ${what}`, row.message.id, newest?.id ?? 0);
  same(`author of the last message of ${what}`, row.message.author_id, newest?.author_id ?? 0);
  if (newest && newest.author_id > 0) same(`text of ${what}`, row.message.text, newest.text);
}

function inOrder(a: WireRow, b: WireRow): number {
  return Number(b.pinned) - Number(a.pinned) || Date.parse(b.message.date) - Date.parse(a.message.date) || 0;
}
