/**
 * The lists of recently active users, encoded row by row. A kept list is a client that syncs by token: before each use it
 * asks what has changed since, and reads those rows again. Where this process sees every commit, it asks only after one.
 */
import type { Changes } from '../../db/changes.ts';
import type { Session } from '../../db/database.ts';
import { activeSince, changedSince, FROM_THE_START } from '../../db/stores/change-store.ts';
import { recentWindowSize } from '../../db/stores/recent-store.ts';
import { snapshot, type Snapshot } from '../../db/stores/generation-store.ts';
import { meaningOf } from '../../db/stores/tick-store.ts';
import type { Zone } from '../../base/dates.ts';
import { yieldToOthers } from '../../base/turns.ts';
import { Watchers } from '../../base/watchers.ts';
import type { Viewer } from '../access/viewer.ts';
import type { Messenger } from '../messenger.ts';
import { CachedList } from './cached-list.ts';
import { encodeChats, encodeWindow, type EncodedRow, RECENT_WINDOW_MS, type RowCheck } from './recent-window.ts';

/** Rows of the longest list that is kept: ordering and joining more would keep other requests waiting. */
const LONGEST_LIST = 5000;
/** A list that was asked for within this time is in use. */
const IN_USE_MS = 60_000;
/** After so long without use a list is read anew: of what has left it meanwhile nothing may be left to be seen. */
const UNUSED_MS = 86_400_000;
/** While all that is kept is in use and there is no room, one newcomer of so many is let in. */
const ADMIT_ONE_OF = 8;
/** How often other nodes' users are asked for, who may have been active; and how late they may have written it down. */
const PRESENCE_EVERY_MS = 2000;
const PRESENCE_LATE_MS = 10_000;

/** What became of the requests for lists. */
export interface LookUps {
  /** Answered from memory. */
  kept: number;
  /** Some rows had to be read again. */
  renewed: number;
  /** The whole list had to be read. */
  loaded: number;
  /** Not kept: a guest's, too long, or no room. */
  passed: number;
}

export class RecentCache {
  readonly lookUps: LookUps = { kept: 0, renewed: 0, loaded: 0, passed: 0 };
  /** Rows that were read and encoded for kept lists. */
  encodedRows = 0;
  /** Bytes that the lists may take. */
  readonly budget: number;
  readonly #m: Messenger;
  readonly #check: RowCheck;
  /** Least recently used first. */
  readonly #lists = new Map<number, CachedList>();
  /** Lists whose rows show a user. */
  readonly #byUser = new Watchers<CachedList>();
  /** Lists of which rows are being read: whom these show is not known yet. */
  readonly #renewing = new Set<CachedList>();
  /** Grows with each commit that this process sees. */
  #commits = 0;
  #bytes = 0;
  #turnedAway = 0;
  #presenceAt = -Infinity;
  /** When users were active last, as far as other nodes' users have been asked for. */
  #active = new Map<number, number>();

  /** @param budget bytes that the lists may take; 0 keeps nothing */
  constructor(m: Messenger, check: RowCheck, budget: number) {
    this.#m = m;
    this.#check = check;
    this.budget = budget;
    m.db.onCommit((changes) => this.#committed(changes));
  }

  get lists(): number {
    return this.#lists.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /**
   * The viewer's list with nothing in it older than the last commit before the call; undefined when it is not kept, as a
   * guest's is not: it changes with the groups that others are in.
   *
   * @param zone of its dates
   */
  async freshList({ userId, insider }: Viewer, zone: Zone): Promise<CachedList | undefined> {
    if (!insider) return this.#pass(this.#lists.get(userId));
    const seesAll = this.#m.db.trustsOwnCommits();
    if (!seesAll) this.#followPresence();
    const { renewals: begun, loads: loaded } = this.#lists.get(userId) ?? { renewals: 0, loads: 0 };
    for (let found: keyof LookUps = 'kept'; ; ) {
      const list = this.#lists.get(userId) ?? this.#admit(userId);
      // A renewal that was under way when the call came may have looked before the last commit.
      const asked = list !== undefined && (list.renewals > begun || (seesAll && list.checkedAt === this.#commits));
      // What was loaded since is in the zone that there was then, which may be newer than what the caller knows.
      const inZone = list?.zone === zone || (list !== undefined && list.loads > loaded);
      if (list && asked && !list.renewal && inZone && list.isFresh(this.#m.clock.now())) {
        this.lookUps[found] += 1;
        return this.#keep(list);
      }
      const joins = list?.renewal !== undefined;
      const read = list && (await this.#renew(list, zone));
      // All who have waited would go on in one turn of the loop, each with a list to put together.
      if (joins) await yieldToOthers();
      if (read === undefined) return this.#pass(list);
      if (found !== 'loaded' && read > 0) found = read === Infinity ? 'loaded' : 'renewed';
    }
  }

  #pass(list: CachedList | undefined): undefined {
    this.lookUps.passed += 1;
    if (list) this.#drop(list);
  }

  /** A new list, if there is room, or one that nobody has used for a while. Else most would be dropped before their next use. */
  #admit(userId: number): CachedList | undefined {
    const [oldest] = this.#lists.values();
    const full = this.#bytes > this.budget * (1 - 1 / ADMIT_ONE_OF);
    const inUse = oldest !== undefined && this.#m.clock.now() - oldest.usedAt < IN_USE_MS;
    if (this.budget === 0 || (full && inUse && ++this.#turnedAway % ADMIT_ONE_OF !== 0)) return undefined;
    const list: CachedList = new CachedList(userId, () => this.#account(list));
    this.#lists.set(userId, list);
    return list;
  }

  /** One renewal at a time; who comes meanwhile waits for it and looks again. */
  #renew(list: CachedList, zone: Zone): Promise<number | undefined> {
    list.renewal ??= this.#read(list, zone).finally(() => {
      list.renewal = undefined;
    });
    return list.renewal;
  }

  /** @returns how many rows were read, infinitely many for the whole list; undefined when it is not to be kept */
  async #read(list: CachedList, zone: Zone): Promise<number | undefined> {
    list.renewals += 1;
    this.#renewing.add(list);
    try {
      // Dates are encoded in the portal's zone.
      return await (list.loaded && list.zone === zone ? this.#update(list, zone) : this.#load(list, zone));
    } catch (error) {
      list.loaded = false;
      throw error;
    } finally {
      this.#renewing.delete(list);
    }
  }

  /** Asks what has changed, and reads it again. */
  async #update(list: CachedList, zone: Zone): Promise<number | undefined> {
    const commits = this.#commits;
    const changed = await this.#m.db.read((s) => changedSince(s, list.userId, list.seen.token, FROM_THE_START, LONGEST_LIST));
    if (changed.rows.length >= LONGEST_LIST || this.#m.clock.now() - list.usedAt > UNUSED_MS) return this.#load(list, zone);
    list.mark(changed);
    const chatIds = list.takeMarked();
    const rows = chatIds.length > 0 ? await encodeChats(this.#m, list.userId, chatIds, this.#check) : [];
    if (rows.some((row) => row.zone !== list.zone)) return this.#load(list, zone);
    list.update(chatIds, rows);
    list.knows(changed.seen, commits);
    this.#follow(list, rows);
    return chatIds.length;
  }

  async #load(list: CachedList, zone: Zone): Promise<number | undefined> {
    const commits = this.#commits;
    list.loads += 1;
    list.start();
    const since = this.#m.clock.now() - RECENT_WINDOW_MS;
    const seen = await this.#m.db.read((s) => mayKeep(s, list.userId, since));
    if (seen === undefined) return undefined;
    const rows = await encodeWindow(this.#m, list.userId, since, this.#check);
    list.replace(rows, zone);
    list.knows(seen, commits);
    this.#follow(list, rows);
    return Infinity;
  }

  /** Watches whom the rows show, without a gap after the end of reading: no activity may slip through. */
  #follow(list: CachedList, rows: readonly EncodedRow[]): void {
    this.encodedRows += rows.length;
    if (!this.#has(list)) return;
    watchUsers(this.#byUser, list, rows);
    // Authors of last messages come and go.
    if (this.#byUser.count(list) <= 2 * list.size + MANY_USERS) return;
    this.#byUser.forget(list);
    watchUsers(this.#byUser, list, list.all());
  }

  #committed(changes: Changes): void {
    this.#commits += 1;
    if (changes.everything) return this.#clear();
    for (const userId of changes.users) this.#markUser(userId);
  }

  /** What is being read may or may not have been read before the commit. */
  #markUser(userId: number): void {
    for (const list of this.#byUser.of(userId)) list.markUser(userId);
    for (const list of this.#renewing) list.markUser(userId);
  }

  /** Activity has no revision: what other nodes write down is looked for every few seconds, apart from the calls. */
  #followPresence(): void {
    const since = this.#m.clock.precise();
    if (since - this.#presenceAt < PRESENCE_EVERY_MS) return;
    this.#presenceAt = since;
    // Missed now, it is found the next time.
    this.#m.db.read((s) => activeSince(s, this.#m.clock.now() - PRESENCE_LATE_MS)).then((found) => {
      for (const { id, last_activity_at: at } of found) if (this.#active.get(id) !== at) this.#markUser(id);
      this.#active = new Map(found.map((user) => [user.id, user.last_activity_at]));
    }, () => {});
  }

  /** Makes the list the most recently used one. */
  #keep(list: CachedList): CachedList {
    list.usedAt = this.#m.clock.now();
    this.#lists.delete(list.userId);
    this.#lists.set(list.userId, list);
    this.#account(list);
    return list;
  }

  /** Drops the least recently used beyond the budget. */
  #account(list: CachedList): void {
    if (!this.#has(list)) return;
    this.#bytes += list.bytes() - list.accounted;
    list.accounted = list.bytes();
    for (const oldest of this.#lists.values()) {
      if (this.#bytes <= this.budget) break;
      if (!oldest.renewal) this.#drop(oldest);
    }
  }

  #has(list: CachedList): boolean {
    return this.#lists.get(list.userId) === list;
  }

  #drop(list: CachedList): void {
    if (!this.#has(list)) return;
    this.#lists.delete(list.userId);
    this.#bytes -= list.accounted;
    this.#byUser.forget(list);
  }

  #clear(): void {
    for (const list of this.#lists.values()) this.#drop(list);
  }
}

/** More than this many users besides two a row are watched in vain. */
const MANY_USERS = 64;

function watchUsers(byUser: Watchers<CachedList>, list: CachedList, rows: Iterable<EncodedRow>): void {
  for (const { users } of rows) for (const id of users) byUser.watch(id, list);
}

/** @returns what is seen of all that is read from now on; undefined for a list that is too long to be kept */
async function mayKeep(s: Session, userId: number, since: number): Promise<Snapshot | undefined> {
  const seen = await snapshot(s);
  const { rev } = await meaningOf(s, since);
  return (await recentWindowSize(s, userId, { since, rev }, LONGEST_LIST + 1)) <= LONGEST_LIST ? seen : undefined;
}
