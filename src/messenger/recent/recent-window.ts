import { hash } from 'node:crypto';
import type { Zone } from '../../base/dates.ts';
import type { Session } from '../../db/database.ts';
import { type RecentRecord, recentRows, type RecentWindow, recentWindow } from '../../db/stores/recent-store.ts';
import { yieldToOthers } from '../../base/turns.ts';
import { flatMapGently, type Messenger } from '../messenger.ts';
import { presentRow, type RecentItem, type RowText, type Surroundings, textOf, usersNamedIn } from '../views/recent-item.ts';
import { present } from '../views/presenting.ts';
import { surroundings } from './surroundings.ts';

/** How far the list reaches back without a date, and with LAST_UPDATE. */
export const RECENT_WINDOW_MS = 30 * 86_400_000;

/** A row of the list encoded as JSON, with what is needed to choose, order and renew it. */
export interface EncodedRow {
  chatId: number;
  type: string;
  pinned: number;
  /** Instant of the last message, milliseconds. */
  at: number;
  /** Instant of the row's last change, milliseconds. */
  updatedAt: number;
  json: Buffer;
  /** Revisions of the user's side and, for a live chat, of the chat: while they stand the row is as it was. */
  rev: number;
  liveRev: number;
  /** False where the list leaves the row out for now, such as the read dialog with somebody dismissed. */
  shown: boolean;
  /** Whether it has unread messages or a mark. */
  unread: boolean;
  /** Made when it is first needed: see {@link digestOfRows}. */
  digest?: string;
  /** Users whose data the row shows, or hides it for. */
  users: readonly number[];
  /** Of its dates. */
  zone: Zone;
}

/** Checks a row against the method's schema before it is encoded; does nothing in production. */
export type RowCheck = (item: RecentItem) => void;

/** The rows of a window as the session sees them, in no order. Long lists let other requests run. */
export function encodeWindow(m: Messenger, s: Session, userId: number, window: RecentWindow, check: RowCheck): Promise<EncodedRow[]> {
  return encodeChunks(m, s, userId, recentWindow(s, userId, window), check);
}

/** The given rows as the session sees them; those that left the list are missing from the result. */
export async function encodeChats(m: Messenger, s: Session, userId: number, chatIds: readonly number[], check: RowCheck): Promise<EncodedRow[]> {
  return chatIds.length === 0 ? [] : encodeRows(m, s, userId, await recentRows(s, userId, chatIds), check);
}

/** Rows that are read in chunks, in no order. */
export async function encodeChunks(
  m: Messenger,
  s: Session,
  userId: number,
  chunks: AsyncIterable<RecentRecord[]>,
  check: RowCheck,
): Promise<EncodedRow[]> {
  const encoded: EncodedRow[] = [];
  for await (const chunk of chunks) {
    if (encoded.length > 0) await yieldToOthers();
    encoded.push(...(await encodeRows(m, s, userId, chunk, check)));
  }
  return encoded;
}

/**
 * The given rows in their order; those that the list leaves out for now are not `shown`.
 *
 * @param encoded told of each that is
 */
export async function encodeRows<R extends RecentRecord>(
  m: Messenger,
  s: Session,
  userId: number,
  rows: readonly R[],
  check: RowCheck,
  encoded: (row: R, text: RowText, around: Surroundings) => void = () => {},
): Promise<EncodedRow[]> {
  if (rows.length === 0) return [];
  const around = await surroundings(s, userId, rows, 'plain');
  return flatMapGently(rows, (row) => {
    const item = present(m, { row: row.chat_id, user: userId }, () => checked(presentRow(row, around), check));
    const text = item && textOf(item);
    if (text) encoded(row, text, around);
    return encodeRow(row, text, around.zone);
  });
}

function checked(item: RecentItem | undefined, check: RowCheck): RecentItem | undefined {
  if (item) check(item);
  return item;
}

/** Of a row that is not shown. */
export const NOTHING = Buffer.alloc(0);

function encodeRow(row: RecentRecord, text: RowText | undefined, zone: Zone): EncodedRow {
  return {
    chatId: row.chat_id,
    type: row.type,
    pinned: row.pinned,
    at: row.last_message_at,
    updatedAt: row.date_update,
    rev: row.rev,
    liveRev: row.live_rev,
    json: text ? Buffer.from(text.before + text.side + text.after) : NOTHING,
    shown: text !== undefined,
    unread: row.counter > 0 || row.unread === 1,
    users: [...usersNamedIn([row])],
    zone,
  };
}

/** Pinned first, then the last message's date, then the chat's id, all descending. */
export function inListOrder(a: EncodedRow, b: EncodedRow): number {
  return b.pinned - a.pinned || b.at - a.at || b.chatId - a.chatId;
}

/**
 * Stands for the rows in their order: made of a digest of each, so that a list of which one row has changed takes no more than
 * that row. Equal rows have equal digests wherever they are read.
 */
export function digestOfRows(rows: readonly EncodedRow[]): string {
  let digests = '';
  for (const row of rows) digests += row.digest ??= hash('sha256', row.json, 'base64url');
  return hash('sha256', digests, 'base64url');
}
