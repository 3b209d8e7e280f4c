/** The rows of the owner's list at the other portal. */
import { MethodRefused } from './fault.ts';
import type { Ledger } from './ledger.ts';
import { pageShape, type RemoteRow, rowsShape } from './shapes.ts';
import type { Source } from './source.ts';

const ON_A_PAGE = 200;

export interface ListedRow {
  row: RemoteRow;
  /** Rows of the same second keep their order by so many milliseconds. */
  ms: number;
}

/** The newest first, pinned ones before all others, each once. */
export async function readRows(source: Source, ledger: Ledger, { chats, since }: { chats: number; since: number }): Promise<ListedRow[]> {
  const rows = new Map<number, RemoteRow>();
  for (let offset = 0; rows.size < chats; offset += ON_A_PAGE) {
    const page = await readPage(source, ledger, offset);
    const before = rows.size;
    for (const row of page.items) if (!rows.has(row.chat_id)) rows.set(row.chat_id, row);
    if (!page.hasMore || rows.size === before) break;
  }
  const wanted = [...rows.values()].slice(0, chats).filter((row) => dateOf(row) >= since && isWanted(row));
  return ordered(wanted);
}

async function readPage(source: Source, ledger: Ledger, offset: number): Promise<{ items: RemoteRow[]; hasMore: boolean }> {
  try {
    return await source.ask('im.recent.list', { LIMIT: ON_A_PAGE, OFFSET: offset }, pageShape);
  } catch (fault) {
    if (!(fault instanceof MethodRefused) || !fault.lacks) throw fault;
    ledger.leftOut(`chats in which nothing has happened for a month (${fault.message})`);
    return { items: await source.ask('im.recent.get', {}, rowsShape), hasMore: false };
  }
}

/** Comments and notifications are in no list of chats. */
function isWanted({ chat }: RemoteRow): boolean {
  return chat.message_type !== 'T' && chat.message_type !== 'S';
}

function dateOf({ message, date_last_activity }: RemoteRow): number {
  return message.date || date_last_activity;
}

const second = (row: RemoteRow) => Math.floor(dateOf(row) / 1000);

/** Messages of all chats are numbered in the order in which they were written. */
function ordered(rows: readonly RemoteRow[]): ListedRow[] {
  const later = new Map<number, number>();
  const places = new Map<RemoteRow, number>();
  for (const row of rows.toSorted((a, b) => a.message.id - b.message.id)) {
    const ms = later.get(second(row)) ?? 0;
    later.set(second(row), ms + 1);
    places.set(row, Math.min(ms, 999));
  }
  return rows.map((row) => ({ row, ms: places.get(row)! }));
}
