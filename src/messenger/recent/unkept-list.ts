/** A list that is not kept: read from the store, and where it is too long to be put together, read while it is sent. */
import { type Held, holdOpen, whileTaken } from '../../base/streamed.ts';
import { yieldToOthers } from '../../base/turns.ts';
import type { Session } from '../../db/database.ts';
import { snapshot, type Snapshot } from '../../db/stores/generation-store.ts';
import { recentOpenLines, type RecentRecord, type RecentWindow, recentWindow } from '../../db/stores/recent-store.ts';
import { meaningOf } from '../../db/stores/tick-store.ts';
import { recentWindowSize } from '../../db/stores/window-store.ts';
import type { Messenger } from '../messenger.ts';
import type { TypeChoice } from './list-part.ts';
import { encodeChunks, encodeRows, inListOrder, type RowCheck } from './recent-window.ts';
import { joinGently } from './row-bytes.ts';
import { rangeSince, rowsInRange, windowOf } from './sync-range.ts';
import { windowInOrder } from './window-in-order.ts';

/** A JSON array in one or more pieces, what stands for it, and what is in it for whoever goes on with tidemark.recent.changes. */
export interface RecentAnswer {
  pieces: readonly Uint8Array[];
  digest: string;
  seen: Snapshot;
}

/** The same of a list that is read while it is taken: nothing stands for it before it is over. Whoever does not take it must end it. */
export interface RecentStream {
  stream: AsyncIterable<Uint8Array>;
  seen: Snapshot;
}

/** What is asked for of whose list. Instants in milliseconds. */
export interface AskedList {
  userId: number;
  since: number;
  /** Where the list itself begins. */
  oldest: number;
  /** Whether somebody syncs by that date. */
  dated: boolean;
  /** Open lines, however old. */
  lines: boolean;
  choice: TypeChoice;
  check: RowCheck;
  /** Rows of the longest list that is put together. */
  longest: number;
}

/** PostgreSQL ends a transaction in which nothing happens for five seconds. */
const PATIENCE = { once: 4000, all: 10_000 };

/** The rows as one snapshot shows them. */
export async function unkeptList(m: Messenger, asked: AskedList): Promise<RecentAnswer | RecentStream> {
  const open = await holdOpen<Session>((work) => m.large.run(() => m.db.read(work)));
  try {
    const [seen, { window, rows }] = await Promise.all([snapshot(open.held), sourceOf(m, open.held, asked)]);
    await yieldToOthers();
    if (window && (await isLong(open.held, asked, window))) return { stream: await begun(whileTaken(open, piecesInOrder(m, open, asked, window), PATIENCE)), seen };
    const answer = await joined(m, open.held, asked, rows);
    open.letGo();
    return { ...answer, seen };
  } catch (error) {
    open.letGo(error);
    throw error;
  }
}

interface Source {
  rows: AsyncIterable<RecentRecord[]>;
  /** Where that is all there is to say of them. */
  window: RecentWindow | undefined;
}

async function sourceOf(m: Messenger, s: Session, { userId, since, oldest, dated, lines }: AskedList): Promise<Source> {
  if (lines) return { rows: oneChunk(() => recentOpenLines(s, userId)), window: undefined };
  if (dated) {
    const range = await rangeSince(s, userId, since, oldest, m.inOrder(since));
    return { rows: rowsInRange(s, userId, range), window: range.users.size === 0 ? windowOf(range) : undefined };
  }
  const window = { since, rev: (await meaningOf(s, since)).rev };
  return { rows: recentWindow(s, userId, window), window };
}

async function* oneChunk<T>(read: () => Promise<T>): AsyncGenerator<T> {
  yield await read();
}

async function isLong(s: Session, { userId, longest }: AskedList, window: RecentWindow): Promise<boolean> {
  return longest < Infinity && (await recentWindowSize(s, userId, window, longest + 1)) > longest;
}

async function joined(m: Messenger, s: Session, { userId, choice, check }: AskedList, chunks: AsyncIterable<RecentRecord[]>): Promise<Omit<RecentAnswer, 'seen'>> {
  const rows = (await encodeChunks(m, s, userId, chunks, check)).filter((row) => row.shown && choice.accepts(row)).sort(inListOrder);
  return joinGently(rows);
}

/** The same array as it is read. */
async function* piecesInOrder(m: Messenger, { held: s }: Held<Session>, { userId, choice, check }: AskedList, window: RecentWindow): AsyncGenerator<Uint8Array> {
  let before = '[';
  for await (const records of windowInOrder(s, userId, window)) {
    const rows = (await encodeRows(m, s, userId, records.filter((row) => choice.accepts(row)), check)).filter(({ shown }) => shown);
    if (rows.length === 0) continue;
    yield Buffer.concat(rows.flatMap(({ json }, index) => [Buffer.from(index > 0 ? ',' : before), json]));
    before = ',';
  }
  yield Buffer.from(before === '[' ? '[]' : ']');
}

/** The same, once the first piece is there: what goes wrong until then can still be said. */
async function begun<T>(pieces: AsyncGenerator<T>): Promise<AsyncGenerator<T>> {
  const first = await pieces.next();
  return (async function* () {
    try {
      if (first.done !== true) yield first.value;
      yield* pieces;
    } finally {
      await pieces.return(undefined);
    }
  })();
}
