/**
 * What rows of a chat show all of its members alike, encoded once for all of them. A member's row is put together of it and of the
 * member's own side, which is read each time: whether they are a member, what is unread, what they have done to their row.
 */
import type { Zone } from '../../base/dates.ts';
import type { Session } from '../../db/database.ts';
import type { Changed } from '../../db/stores/change-store.ts';
import { findLooks, type Looks } from '../../db/stores/meeting-store.ts';
import { type RecentSide, recentSides } from '../../db/stores/recent-side-store.ts';
import { recentRows, type RevisedRecord } from '../../db/stores/recent-store.ts';
import { remindedChats } from '../../db/stores/reminder-store.ts';
import { zoneOf } from '../../portal/settings.ts';
import { isGuest } from '../access/meeting.ts';
import type { Messenger } from '../messenger.ts';
import { isAlike, presentSide, type RowText, type Surroundings, textOfSide, usersNamedIn } from '../views/recent-item.ts';
import { encodeRows, type EncodedRow, type RowCheck } from './recent-window.ts';

/** What all members of a role see of a chat as it is in one revision. */
interface SharedRow extends Pick<EncodedRow, 'type' | 'at' | 'users' | 'zone'> {
  role: number;
  chatRev: number;
  /** How the users look that it shows. */
  looks: string;
  before: Buffer;
  after: Buffer;
}

/** Bookkeeping of a row beside its bytes, roughly. */
const OVERHEAD_BYTES = 500;

export class SharedRows {
  readonly #m: Messenger;
  readonly #check: RowCheck;
  readonly #budget: number;
  /** By chat, one of each role; those that were encoded last come last. */
  readonly #rows = new Map<number, SharedRow[]>();
  #bytes = 0;

  /** @param budget bytes that they may take */
  constructor(m: Messenger, check: RowCheck, budget: number) {
    this.#m = m;
    this.#check = check;
    this.#budget = budget;
  }

  clear(): void {
    this.#rows.clear();
    this.#bytes = 0;
  }

  /**
   * The user's rows of the given chats as the session sees them; those that left the list are missing from the result.
   *
   * @param changed what is known to have changed: what was encoded before that need not be looked at
   * @param marked chats whose rows show somebody who may look different
   */
  async encode(s: Session, userId: number, chatIds: readonly number[], changed: Pick<Changed, 'rows' | 'users'>, marked: readonly number[]): Promise<EncodedRow[]> {
    const shared = this.#fittingFor(chatIds, changed, marked);
    const others = chatIds.filter((chatId) => !shared.has(chatId));
    if (shared.size === 0) return this.#encodeAlone(s, userId, others);
    const named = [...shared.values()].flatMap((rows) => rows.flatMap(({ users }) => users));
    const [alone, sides, looks, reminded] = await Promise.all([
      this.#encodeAlone(s, userId, others), recentSides(s, userId, [...shared.keys()]), findLooks(s, [userId, ...named]), remindedChats(s, userId),
    ]);
    const users = new Map(looks.map((user) => [user.id, user]));
    const zone = zoneOf(looks[0]?.portal_zone);
    const insider = !isGuest(users.get(userId)!);
    const rows: EncodedRow[] = [];
    const again: number[] = [];
    for (const side of sides) {
      const row = insider ? shared.get(side.chat_id)!.find((one) => fits(one, side, zone, users)) : undefined;
      if (row) rows.push(joined(row, side, reminded));
      else again.push(side.chat_id);
    }
    return [...alone, ...rows, ...(await this.#encodeAlone(s, userId, again))];
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

  async #encodeAlone(s: Session, userId: number, chatIds: readonly number[]): Promise<EncodedRow[]> {
    if (chatIds.length === 0) return [];
    const rows = await recentRows(s, userId, chatIds);
    return encodeRows(this.#m, s, userId, rows, this.#check, (row, text, around) => this.#keep(row, text, around));
  }

  #keep(row: RevisedRecord, text: RowText, around: Surroundings): void {
    const users = [...usersNamedIn([row])];
    if (!isAlike(row) || isGuest(around.users.get(row.user_id)!) || users.some((id) => around.strangers.has(id))) return;
    const shared: SharedRow = {
      type: row.type, at: row.last_message_at, users, zone: around.zone, role: row.role, chatRev: row.chat_rev, looks: looksOf(users, around.users),
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
  }

  #drop(chatId: number): SharedRow[] {
    const rows = this.#rows.get(chatId) ?? [];
    this.#rows.delete(chatId);
    this.#bytes -= sizeOf(rows);
    return rows;
  }
}

function sizeOf(rows: readonly SharedRow[]): number {
  return rows.reduce((sum, { before, after }) => sum + before.length + after.length + OVERHEAD_BYTES, 0);
}

function fits(row: SharedRow, side: RecentSide, zone: Zone, users: ReadonlyMap<number, Looks>): boolean {
  return row.chatRev === side.chat_rev && row.role === side.role && side.muted === 0 && side.start_id <= side.last_message_id
    && row.zone === zone && row.looks === looksOf(row.users, users);
}

function looksOf(ids: readonly number[], users: ReadonlyMap<number, Pick<Looks, 'rev' | 'last_activity_at'>>): string {
  return ids.map((id) => `${users.get(id)?.rev} ${users.get(id)?.last_activity_at}`).join();
}

function joined(row: SharedRow, side: RecentSide, reminded: ReadonlySet<number>): EncodedRow {
  const { type, at, users, zone, before, after } = row;
  return {
    chatId: side.chat_id, type, at, users, zone,
    pinned: side.pinned,
    updatedAt: side.date_update,
    rev: side.rev,
    liveRev: side.live_rev,
    json: Buffer.concat([before, Buffer.from(textOfSide(presentSide(side, { reminded, zone }))), after]),
    shown: true,
    unread: side.counter > 0 || side.unread === 1,
  };
}
