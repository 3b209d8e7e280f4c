/** Puts many rows into an empty portal at once, as they would be when everything had happened one after the other. */
import { sql } from 'kysely';
import type { Database, WriteSession } from '../database.ts';
import { currentRevision, revisionSnapshot } from '../revision.ts';
import { type Builder, type Statement, statement } from '../statement.ts';
import type { ChatRow } from './chat-store.ts';
import type { NewMember } from './member-store.ts';
import type { MessageRow } from './message-store.ts';
import { indexAllTexts } from './table-store.ts';
import { indexUsers, INDEX_VERSION } from './user-index.ts';
import type { NewUser } from './user-store.ts';

const user = (q: Builder, rows: ReadonlyArray<NewUser & { id: number }>) =>
  q.insertInto('user').values(rows.map((row) => ({ ...row, index_version: INDEX_VERSION, rev: currentRevision }))).returningAll();

export async function insertUsers(s: WriteSession, rows: ReadonlyArray<NewUser & { id: number }>): Promise<void> {
  await indexUsers(s, await s.query((q) => user(q, rows)));
}

type NewChat = Omit<ChatRow, 'rev' | 'rev_seen' | 'warm'>;

/** A few hundred at a time. */
export async function insertChats(s: WriteSession, rows: readonly NewChat[]): Promise<void> {
  await s.query((q) => q.insertInto('chat').values(rows.map((row) => ({ ...row, rev: currentRevision, rev_seen: revisionSnapshot }))));
}

/** Statements that are sent before any is waited for. */
const SENT_AT_ONCE = 1000;
const LISTED_AT_ONCE = 2000;

/** Columns in the order in which they are written, with their types. */
type Columns<Row> = Readonly<Record<keyof Row & string, 'bigint' | 'text'>>;

const MESSAGE: Columns<MessageRow> = {
  id: 'bigint', chat_id: 'bigint', author_id: 'bigint', sender_id: 'bigint', text: 'text', params: 'text', created_at: 'bigint', count_seq: 'bigint', counts: 'bigint',
  system: 'bigint', seen: 'bigint', deleted: 'bigint', uuid: 'text',
};
const MEMBER: Columns<NewMember> = {
  user_id: 'bigint', chat_id: 'bigint', peer_id: 'bigint', type: 'text', role: 'bigint', muted: 'bigint', pinned: 'bigint', unread: 'bigint', last_id: 'bigint',
  read_count_seq: 'bigint', own_seq: 'bigint', viewed_id: 'bigint', start_id: 'bigint', hidden_to: 'bigint', sort_at: 'bigint', updated_at: 'bigint', has_unread: 'bigint',
  wide: 'bigint', joined_at: 'bigint', left_at: 'bigint',
};

/** Puts rows into a table, as it is quickest on an engine. */
class Bulk<Row extends object> {
  readonly #names: Array<keyof Row & string>;
  readonly #one: Statement<Row, object>;
  readonly #lists: Statement<Record<string, unknown[]>, object>;

  /** @param table its rows have a revision or not */
  constructor(table: 'message' | 'member', columns: Columns<Row>) {
    this.#names = Object.keys(columns) as Array<keyof Row & string>;
    const rev = table === 'member' ? [sql`, rev`, sql`, ${currentRevision}`] : [sql``, sql``];
    const names = sql.join(this.#names.map((name) => sql.ref(name)));
    const into = sql`insert into ${sql.table(table)} (${names}${rev[0]})`;
    const one = (p: Row) => sql<object>`${into} values (${sql.join(this.#names.map((name) => sql`${p[name]}`))}${rev[1]})`;
    this.#one = statement((q, p: Row) => ({ compile: () => one(p).compile(q) }));
    this.#lists = statement((q, p: Record<string, unknown[]>) => {
      const lists = sql.join(this.#names.map((name) => sql`${p[name]}::${sql.raw(columns[name])}[]`));
      return { compile: () => sql<object>`${into} select ${names}${rev[1]} from unnest(${lists}) as listed (${names})`.compile(q) };
    });
  }

  async insert(s: WriteSession, engine: Database['engine'], rows: Iterable<Row>): Promise<void> {
    if (engine === 'sqlite') return sendAll(rows, (row) => s.all(this.#one, row));
    const some: Row[] = [];
    const send = async () => {
      const listed = some.splice(0);
      if (listed.length > 0) await s.all(this.#lists, Object.fromEntries(this.#names.map((name) => [name, listed.map((row) => row[name])])));
    };
    for (const row of rows) if (some.push(row) === LISTED_AT_ONCE) await send();
    await send();
  }
}

/** One statement after the other, which are not waited for: made once they are quicker than long ones that have to be built. */
async function sendAll<T>(rows: Iterable<T>, send: (row: T) => Promise<unknown>): Promise<void> {
  let sent: Array<Promise<unknown>> = [];
  for (const row of rows) {
    if (sent.push(send(row)) < SENT_AT_ONCE) continue;
    await Promise.all(sent);
    sent = [];
  }
  await Promise.all(sent);
}

export const messages = new Bulk('message', MESSAGE);
export const members = new Bulk('member', MEMBER);

const reaction = statement((q, p: { message_id: number; user_id: number; reaction: string; created_at: number }) =>
  q.insertInto('message_reaction').values({ message_id: p.message_id, user_id: p.user_id, reaction: p.reaction, created_at: p.created_at }).onConflict((c) => c.doNothing()),
);

export async function insertReactions(s: WriteSession, rows: Iterable<{ message_id: number; user_id: number; reaction: string; created_at: number }>): Promise<void> {
  await sendAll(rows, (row) => s.all(reaction, row));
}

/**
 * Rows of one unit of work. Where the store is in the process, one unit writes each page of an index once however many of
 * its rows come: it has all the time it wants, as there is nobody else. What is sent elsewhere must be answered in time.
 */
export const rowsAtOnce = (engine: Database['engine']): number => (engine === 'sqlite' ? 250_000 : 20_000);

/** Memory for the pages that one unit changes, bytes: those that do not fit are written more than once. */
const PAGES_BYTES = 512 * 1024 * 1024;

/** Until the store is closed. */
export async function prepareForBulk(s: WriteSession, engine: Database['engine']): Promise<void> {
  if (engine === 'sqlite') await s.query((q) => ({ compile: () => sql`pragma cache_size = ${sql.lit(-PAGES_BYTES / 1024)}`.compile(q) }));
}

export type Numbered = 'user' | 'chat' | 'message';

/** The highest number that was given to any. */
export async function highestId(s: WriteSession, table: Numbered): Promise<number> {
  const [row] = await s.query((q) => q.selectFrom(table).select((eb) => eb.fn.max<number | null>('id').as('id')));
  return row?.id ?? 0;
}

/** Goes on numbering after the numbers that were given here, which one engine notices by itself; and has all messages put into the index of texts. */
export async function goOnAfterBulk(s: WriteSession, engine: Database['engine']): Promise<void> {
  for (const table of ['user', 'chat', 'message'] as const) {
    const highest = await highestId(s, table);
    if (engine === 'postgres' && highest > 0) await s.query((q) => ({ compile: () => sql`select setval(pg_get_serial_sequence(${`"${table}"`}, 'id'), ${highest})`.compile(q) }));
  }
  await indexAllTexts(s);
}
