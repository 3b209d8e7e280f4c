/**
 * What rows of a chat show all of its members alike, encoded once for all of them. A member's row is put together of it and of the
 * member's own side, which is read each time: whether they are a member, what is unread, what they have done to their row.
 */
import type { Zone } from '../../base/dates.ts';
import { Watchers } from '../../base/watchers.ts';
import type { Session } from '../../db/database.ts';
import type { Changed } from '../../db/stores/change-store.ts';
import { findLooks, type Looks } from '../../db/stores/meeting-store.ts';
import { type RecentSide, recentSides } from '../../db/stores/recent-side-store.ts';
import { recentRows, type RevisedRecord } from '../../db/stores/recent-store.ts';
import { zoneOf } from '../../portal/settings.ts';
import { isGuest } from '../access/meeting.ts';
import type { Messenger } from '../messenger.ts';
import type { CachedList } from './cached-list.ts';
import { isAlike, presentSide, type RowText, type Surroundings, textOfSide, usersNamedIn } from '../views/recent-item.ts';
import { encodeRows, type EncodedRow, type RowCheck } from './recent-window.ts';

/** What all members of a role see of a chat as it is in one revision. */
interface SharedRow extends Pick<EncodedRow, 'chatId' | 'type' | 'at' | 'users' | 'zone'> {
  role: number;
  chatRev: number;
  /** How the users look that it shows. */
  looks: string;
  before: Buffer;
  after: Buffer;
}

/** Bookkeeping of a row beside its bytes, roughly. */
const OVERHEAD_BYTES = 500;

/** Rows that are being read: users who have been seen to look different since it began. */
type Reading = Set<number>;

export class SharedRows {
  readonly #m: Messenger;
  readonly #check: RowCheck;
  readonly #budget: number;
  /** By chat, one of each role; those that were encoded last come last. */
  readonly #rows = new Map<number, SharedRow[]>();
  /** Rows that show a user. */
  readonly #byUser = new Watchers<SharedRow>();
  readonly #readings = new Set<Reading>();
  #bytes = 0;

  /** @param budget bytes that they may take */
  constructor(m: Messenger, check: RowCheck, budget: number) {
    this.#m = m;
    this.#check = check;
    this.#budget = budget;
  }

  clear(): void {
    for (const chatId of this.#rows.keys()) this.#drop(chatId);
  }

  /** Somebody looks different, as far as this process sees it. */
  userChanged(userId: number): void {
    for (const reading of this.#readings) reading.add(userId);
    for (const { chatId } of this.#byUser.of(userId)) this.#drop(chatId);
  }

  /** Runs what reads rows: whoever looks different meanwhile is known of. */
  async reading<T>(work: (reading: Reading) => Promise<T>): Promise<T> {
    const reading: Reading = new Set();
    this.#readings.add(reading);
    try {
      return await work(reading);
    } finally {
      this.#readings.delete(reading);
    }
  }

  /**
   * The same as {@link encode} by one statement, where this process sees every commit and all rows can be put together of what is
   * shared; undefined where some have to be read. For whoever may meet all others.
   *
   * @param list whose rows they are; in the zone
   * @param changed chats that have changed for all their members: what was encoded before that need not be looked at
   * @returns also those of the chats that the user is not in, and never was
   */
  async joinSides(list: Pick<CachedList, 'userId' | 'has'>, zone: Zone, chatIds: readonly number[], changed: Changed['rows']): Promise<{ rows: EncodedRow[]; foreign: number[] } | undefined> {
    const outdated = changed.some(({ chatId, rev }) => list.has(chatId) && !this.#rows.get(chatId)?.some((row) => row.chatRev >= rev));
    if (outdated) return undefined;
    const sides = await recentSides(this.#m.db, list.userId, chatIds);
    const rows: EncodedRow[] = [];
    for (const side of sides) {
      if (side.shown === 0) continue;
      const row = this.#rows.get(side.chat_id)?.find((one) => fits(one, side, zone));
      if (!row) return undefined;
      rows.push(joined(row, side));
    }
    const own = new Set(sides.map((side) => side.chat_id));
    return { rows, foreign: chatIds.filter((chatId) => !own.has(chatId)) };
  }

  /**
   * The user's rows of the given chats as the session sees them; those that left the list are missing from the result.
   *
   * @param reading begun before the session
   * @param changed what is known to have changed: what was encoded before that need not be looked at
   * @param marked chats whose rows show somebody who may look different
   */
  async encode(s: Session, reading: Reading, userId: number, chatIds: readonly number[], changed: Pick<Changed, 'rows' | 'users'>, marked: readonly number[]): Promise<EncodedRow[]> {
    const shared = this.#fittingFor(chatIds, changed, marked);
    const others = chatIds.filter((chatId) => !shared.has(chatId));
    if (shared.size === 0) return this.#encodeAlone(s, reading, userId, others);
    const named = [...shared.values()].flatMap((rows) => rows.flatMap(({ users }) => users));
    const [alone, sides, looks] = await Promise.all([
      this.#encodeAlone(s, reading, userId, others), recentSides(s, userId, [...shared.keys()]), findLooks(s, [userId, ...named]),
    ]);
    const users = new Map(looks.map((user) => [user.id, user]));
    const zone = zoneOf(looks[0]?.portal_zone);
    const insider = !isGuest(users.get(userId)!);
    const rows: EncodedRow[] = [];
    const again: number[] = [];
    for (const side of sides) {
      if (side.shown === 0) continue;
      const row = insider ? shared.get(side.chat_id)!.find((one) => fits(one, side, zone) && one.looks === looksOf(one.users, users)) : undefined;
      if (row) rows.push(joined(row, side));
      else again.push(side.chat_id);
    }
    return [...alone, ...rows, ...(await this.#encodeAlone(s, reading, userId, again))];
  }

  /** What may fit. Where the store is elsewhere a row that turns out not to takes two round trips more, so that what is likely not to is left out. */
  #fittingFor(chatIds: readonly number[], { rows, users }: Pick<Changed, 'rows' | 'users'>, marked: readonly number[]): Map<number, SharedRow[]> {
    const elsewhere = !this.#m.db.trustsOwnCommits();
    const [different, alone] = [new Set(elsewhere ? users.map(({ id }) => id) : []), new Set(elsewhere ? marked : [])];
    const revs = new Map(rows.flatMap(({ chatId, rev, live }) => (live ? [[chatId, rev] as const] : [])));
    const fitting = new Map<number, SharedRow[]>();
    for (const chatId of chatIds) {
      const kept = alone.has(chatId) ? [] : (this.#rows.get(chatId) ?? []);
      const found = kept.filter((row) => row.chatRev >= (revs.get(chatId) ?? 0) && !row.users.some((id) => different.has(id)));
      if (found.length > 0) fitting.set(chatId, found);
    }
    return fitting;
  }

  async #encodeAlone(s: Session, reading: Reading, userId: number, chatIds: readonly number[]): Promise<EncodedRow[]> {
    if (chatIds.length === 0) return [];
    const rows = await recentRows(s, userId, chatIds);
    return encodeRows(this.#m, s, userId, rows, this.#check, (row, text, around) => this.#keep(reading, row, text, around));
  }

  #keep(reading: Reading, row: RevisedRecord, text: RowText, around: Surroundings): void {
    const users = [...usersNamedIn([row])];
    if (!isAlike(row) || isGuest(around.users.get(row.user_id)!) || users.some((id) => around.strangers.has(id) || reading.has(id))) return;
    const shared: SharedRow = {
      chatId: row.chat_id, type: row.type, at: row.last_message_at, users, zone: around.zone, role: row.role, chatRev: row.chat_rev, looks: looksOf(users, around.users),
      before: Buffer.from(text.before), after: Buffer.from(text.after),
    };
    const others = this.#drop(row.chat_id).filter(({ role, chatRev }) => role !== row.role && chatRev === row.chat_rev);
    this.#put(row.chat_id, [...others, shared]);
    for (const chatId of this.#rows.keys()) {
      if (this.#bytes <= this.#budget) break;
      this.#drop(chatId);
    }
  }

  #put(chatId: number, rows: SharedRow[]): void {
    this.#rows.set(chatId, rows);
    this.#bytes += sizeOf(rows);
    for (const row of rows) for (const id of row.users) this.#byUser.watch(id, row);
  }

  #drop(chatId: number): SharedRow[] {
    const rows = this.#rows.get(chatId) ?? [];
    this.#rows.delete(chatId);
    this.#bytes -= sizeOf(rows);
    for (const row of rows) this.#byUser.forget(row);
    return rows;
  }
}

function sizeOf(rows: readonly SharedRow[]): number {
  return rows.reduce((sum, { before, after }) => sum + before.length + after.length + OVERHEAD_BYTES, 0);
}

function fits(row: SharedRow, side: RecentSide, zone: Zone): boolean {
  return row.chatRev === side.chat_rev && row.role === side.role && side.muted === 0 && side.start_id <= side.last_message_id && row.zone === zone;
}

function looksOf(ids: readonly number[], users: ReadonlyMap<number, Pick<Looks, 'rev' | 'last_activity_at'>>): string {
  return ids.map((id) => `${users.get(id)?.rev} ${users.get(id)?.last_activity_at}`).join();
}

function joined(row: SharedRow, side: RecentSide): EncodedRow {
  const { type, at, users, zone, before, after } = row;
  return {
    chatId: side.chat_id, type, at, users, zone,
    pinned: side.pinned,
    updatedAt: side.date_update,
    rev: side.rev,
    liveRev: side.live_rev,
    json: Buffer.concat([before, Buffer.from(textOfSide(presentSide(side, side.reminded === 1, zone))), after]),
    shown: true,
    unread: side.counter > 0 || side.unread === 1,
  };
}
