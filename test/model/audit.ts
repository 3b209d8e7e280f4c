/** Asks the server everything it shows to everybody, and holds it against the model and against itself. */
import type { Client } from '../support/client.ts';
import { ENGINE } from '../support/server.ts';
import { sorted, toCard, toCounters, toRow, type WireCounters, type WireRow, withoutPresence } from './answers.ts';
import { type Chat, isOpenTo, type Member, newest, partnerOf, unreadOf } from './model.ts';
import { same } from './same.ts';
import type { Stage } from './stage.ts';
import { unreadCommentsOf } from './comment-rules.ts';
import { unreadNotices } from './notice-rules.ts';
import { atom, cardOf, countersOf, type Listed, listOf, type Row } from './view.ts';

const DAY = 86_400_000;
/** How far im.recent.get reaches back, without a date and with LAST_SYNC_DATE. */
const WINDOW = 30 * DAY;
const SYNC_WINDOW = 7 * DAY;
const PAGE = 3;
const DATED_PAGE = 2;
const MOST_PAGES = 60;

export async function auditAll(stage: Stage): Promise<void> {
  const active = stage.cast.filter(({ userId }) => stage.model.user(userId).active);
  await Promise.all(active.map((client) => auditUser(stage, client)));
  stage.seen = { at: stage.model.now, rows: new Map(stage.cast.map(({ userId }) => [userId, snapshot(stage, userId)])) };
}

/** Only im.recent.get, for everybody. */
export async function auditLists(stage: Stage): Promise<void> {
  await Promise.all(stage.cast.filter(({ userId }) => stage.model.user(userId).active).map((client) => auditList(stage, client)));
}

/** Only im.recent.get, for one user: also brings the answer into whatever remembers answers. */
export async function auditList(stage: Stage, client: Client): Promise<WireRow[]> {
  const who = `${stage.name(client.userId)} (${client.userId})`;
  const expected = listOf(stage.model, client.userId).filter(({ member }) => member.changedAt >= stage.model.now - WINDOW);
  // Two at once: the second may be served from what the first is about to have.
  const [first, second] = await Promise.all([
    client.call<WireRow[]>('im.recent.get'),
    client.call<WireRow[]>('im.recent.get'),
  ]);
  same(`im.recent.get of ${who}`, first.map(toRow), rowsOf(expected));
  same(`im.recent.get of ${who}, asked twice at once`, second.map(toRow), rowsOf(expected));
  return first;
}

async function auditUser(stage: Stage, client: Client): Promise<void> {
  const who = `${stage.name(client.userId)} (${client.userId})`;
  const expected = listOf(stage.model, client.userId);
  const recent = await auditList(stage, client);
  const pages = await pagesByOffset(client);
  same(`im.recent.list of ${who}, pages of ${PAGE}`, onceEach(pages).map(toRow), rowsOf(expected));
  const inWindow = new Set(recent.map((row) => row.chat_id));
  const again = onceEach(pages).filter((row) => inWindow.has(row.chat_id));
  same(`im.recent.list and im.recent.get of ${who}`, again.map(withoutPresence), recent.map(withoutPresence));
  same(`im.recent.list of ${who}, by date`, onceEach(await pagesByDate(client)).map((row) => row.id), rowsOf(expected).map((row) => row.id));
  await auditCounters(stage, client, who, rowsOf(expected));
  await auditCards(stage, client, who);
  await auditSync(stage, client, who, expected);
}

function rowsOf(listed: readonly Listed[]): Row[] {
  return listed.map(({ row }) => row);
}

interface Page {
  result: { items: WireRow[]; hasMore: boolean; hasMorePages: boolean };
  next?: number;
  total: number;
}

async function pagesByOffset(client: Client): Promise<WireRow[]> {
  const rows: WireRow[] = [];
  for (let offset = 0, pages = 0; pages < MOST_PAGES; pages++) {
    const { result, next, total } = (await client.raw('im.recent.list', { LIMIT: PAGE, OFFSET: offset })).body as unknown as Page;
    rows.push(...result.items);
    same('hasMore, hasMorePages and next of im.recent.list', [result.hasMore, result.hasMorePages], Array(2).fill(next !== undefined));
    same('total of im.recent.list', total, -1);
    if (next === undefined) return rows;
    same('a page of im.recent.list before the last', result.items.length, PAGE);
    offset = next;
  }
  throw new Error('im.recent.list does not come to an end');
}

/** Goes on after the date of the last row, as clients do. */
async function pagesByDate(client: Client): Promise<WireRow[]> {
  const rows: WireRow[] = [];
  for (let pages = 0; pages < MOST_PAGES; pages++) {
    const LAST_MESSAGE_DATE = rows.at(-1)?.message.date;
    const { items, hasMore } = await client.call<Page['result']>('im.recent.list', { LIMIT: DATED_PAGE, LAST_MESSAGE_DATE });
    rows.push(...items);
    if (!hasMore) return rows;
  }
  throw new Error(`im.recent.list with LAST_MESSAGE_DATE does not come to an end: ${rows.map((row) => row.id).join(' ')}`);
}

async function auditCounters(stage: Stage, client: Client, who: string, rows: readonly Row[]): Promise<void> {
  const counters = toCounters(await client.call<WireCounters>('im.counters.get'));
  same(`im.counters.get of ${who}`, sorted(counters), sorted(countersOf(rows, unreadNotices(stage.model, client.userId), unreadCommentsOf(stage.model, client.userId, unreadOf))));
  const { items } = await client.call<Page['result']>('im.recent.list', { UNREAD_ONLY: 'Y', LIMIT: 200 });
  const unread = rows.filter((row) => row.counter > 0 || row.unread);
  same(`im.recent.list of ${who}, unread only`, items.map(toRow), unread);
}

async function auditCards(stage: Stage, client: Client, who: string): Promise<void> {
  for (const chat of stage.model.chats.values()) {
    const member = chat.members.get(client.userId);
    if (!member) continue;
    const expected = cardOf(stage.model, chat, member);
    for (const DIALOG_ID of new Set([expected.dialog_id, `chat${chat.id}`])) {
      const { body } = await client.raw('im.dialog.get', { DIALOG_ID });
      const card = body.error ?? toCard(body.result as Parameters<typeof toCard>[0]);
      same(`im.dialog.get of ${who}`, card, isOpenTo(stage.model, chat, client.userId) ? expected : 'ACCESS_ERROR');
      await auditHistory(stage, client, DIALOG_ID, chat, member);
    }
  }
}

/** The messages that a page shows as unread are those that the counter counts. */
async function auditHistory({ model }: Stage, client: Client, DIALOG_ID: string, chat: Chat, member: Member): Promise<void> {
  const flagged: number[] = [];
  for (let FIRST_ID: number | undefined = 0; FIRST_ID !== undefined; ) {
    const { body } = await client.raw('im.dialog.messages.get', { DIALOG_ID, FIRST_ID, LIMIT: 50 });
    if (!isOpenTo(model, chat, client.userId)) return same(`the history of ${DIALOG_ID}`, body.error, 'ACCESS_ERROR');
    const { messages } = body.result as { messages: Array<{ id: number; unread: boolean }> };
    flagged.push(...messages.filter(({ unread }) => unread).map(({ id }) => id));
    FIRST_ID = messages.length < 50 ? undefined : messages[0]!.id;
  }
  const unread = unreadOf(chat, member).map(({ id }) => id);
  same(`messages shown as unread in ${DIALOG_ID}`, flagged.sort((a, b) => a - b), unread);
}

/** A sync from the last look brings what changed since; so does any with that date, by whichever name. */
async function auditSync(stage: Stage, client: Client, who: string, expected: readonly Listed[]): Promise<void> {
  const { model, seen } = stage;
  if (!seen) return;
  const date = atom(seen.at);
  for (const [name, reach] of [['LAST_SYNC_DATE', SYNC_WINDOW], ['LAST_UPDATE', WINDOW]] as const) {
    const since = Math.max(Math.floor(seen.at / 1000) * 1000, model.now - reach);
    const answer = await client.call<WireRow[]>('im.recent.get', { [name]: date });
    const changed = expected.filter(({ chat, member }) => {
      const named = namedIn(chat, member).map((id) => model.users.get(id)?.changedAt ?? 0);
      return member.changedAt >= since || (member.changedAt >= model.now - WINDOW && Math.max(...named) >= since);
    });
    // The messenger's own lines mention people, of whom the model keeps no account: such a row may come with a change of anybody.
    const someone = [...model.users.values()].some((user) => user.changedAt >= since);
    // On PostgreSQL a row may come again, where changes overlapped.
    // So may any row of a guest, whose circle others change.
    const isGuest = model.user(client.userId).guest;
    const free = new Set(expected.filter(({ chat }) => ENGINE === 'postgres' || isGuest || (someone && newest(chat)?.author === 0)).map(({ chat }) => chat.id));
    for (const { chat } of changed) free.delete(chat.id);
    same(`im.recent.get of ${who} with ${name}=${date}`, answer.map(toRow).filter((row) => !free.has(row.chat_id)), rowsOf(changed));
    if (since > seen.at) continue;
    const told = new Set(answer.map((row) => row.chat_id));
    const before = seen.rows.get(client.userId);
    const after = snapshot(stage, client.userId);
    // What the list no longer shows is not told of, though somebody in it may look different.
    const shown = expected.filter(({ member }) => member.changedAt >= model.now - WINDOW);
    const untold = rowsOf(shown).filter(({ chat_id: id }) => before?.get(id) !== after.get(id) && !told.has(id));
    same(`rows of ${who} that changed and that ${name}=${date} does not tell of`, untold, []);
  }
}

/** A row that has changed since an earlier first page was given may come again: its client may be the one who goes on. */
function onceEach(rows: readonly WireRow[]): WireRow[] {
  return rows.filter((row, index) => rows.findIndex(({ chat_id: id }) => id === row.chat_id) === index);
}

/** Whom the row shows: the partner, and who wrote last. */
function namedIn(chat: Chat, member: Member): number[] {
  return [chat.type === 'P' ? partnerOf(chat, member.user) : 0, newest(chat)?.author ?? 0];
}

/** What a sync promises to notice: all that the list shows, the people in it included, but for the time of the change. */
function snapshot({ model }: Stage, userId: number): Map<number, string> {
  const rows = new Map<number, string>();
  for (const { chat, member, row } of listOf(model, userId)) {
    const people = namedIn(chat, member).map((id) => [model.users.get(id)?.name, model.users.get(id)?.active]);
    rows.set(chat.id, JSON.stringify({ ...row, date_update: '', people }));
  }
  return rows;
}
