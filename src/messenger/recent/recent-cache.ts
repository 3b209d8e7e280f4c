/**
 * The lists of recently active users, encoded row by row. A kept list is a client that syncs by token: before each use it
 * asks what has changed since, and reads those rows again. Where this process sees every commit, it asks only after one.
 */
import type { Changes } from '../../db/changes.ts';
import type { Changed } from '../../db/stores/change-store.ts';
import type { Zone } from '../../base/dates.ts';
import { yieldToOthers } from '../../base/turns.ts';
import type { Viewer } from '../access/viewer.ts';
import type { Messenger } from '../messenger.ts';
import { CachedList } from './cached-list.ts';
import { CommitLog } from './commit-log.ts';
import type { LookUps } from './list-part.ts';
import { renewal } from './list-renewal.ts';
import { ListWatchers } from './list-watchers.ts';
import type { ListPage } from './recent-list.ts';
import { KnownDates } from './known-dates.ts';
import { KEPT_LIMITS, type KeptLimits, readKept } from './kept-rows.ts';
import { OthersPresence } from './others-presence.ts';
import type { EncodedRow, RowCheck } from './recent-window.ts';
import { SharedRows } from './shared-rows.ts';
import type { SyncRange } from './sync-range.ts';

/** A list that was asked for within this time is in use. */
const IN_USE_MS = 60_000;
/** After so long without use a list is read anew: of what has left it meanwhile nothing may be left to be seen. */
const UNUSED_MS = 86_400_000;
/** However little concerns a list, what it has seen is asked for anew after so long. */
const ASKED_AGAIN_MS = 3_600_000;
/** While all that is kept is in use and there is no room, one newcomer of so many is let in. */
const ADMIT_ONE_OF = 8;
/** What of the budget may be taken besides by what rows of several lists share. */
const SHARED = 1 / 16;

export class RecentCache {
  readonly lookUps: LookUps = { kept: 0, renewed: 0, loaded: 0, passed: 0 };
  /** Rows that were read and encoded for kept lists. */
  encodedRows = 0;
  /** Bytes that the lists may take. */
  readonly budget: number;
  readonly limits: KeptLimits;
  readonly #m: Messenger;
  readonly #check: RowCheck;
  readonly #presence: OthersPresence;
  /** What callers' lists were like when they were let in. */
  readonly #told = new WeakMap<Viewer, Changed>();
  /** Least recently used first. */
  readonly #lists = new Map<number, CachedList>();
  /** Lists whose rows show a user. */
  readonly #byUser = new ListWatchers();
  /** Lists of which rows are being read: whom these show is not known yet. */
  readonly #renewing = new Set<CachedList>();
  readonly #shared: SharedRows;
  readonly #dates: KnownDates;
  /** The commits that this process sees. */
  readonly #commits = new CommitLog();
  #bytes = 0;
  #turnedAway = 0;

  /** @param budget bytes that the lists may take; 0 keeps nothing */
  constructor(m: Messenger, check: RowCheck, budget: number, limits = KEPT_LIMITS) {
    this.#m = m;
    this.#check = check;
    this.budget = budget;
    this.limits = limits;
    this.#shared = new SharedRows(m, check, budget * SHARED);
    this.#dates = new KnownDates(m);
    this.#presence = new OthersPresence(m, (userId) => this.#markUser(userId));
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
   * @param suffices whether enough of the list is kept for what was asked
   */
  async freshList(viewer: Viewer, zone: Zone, suffices: (list: CachedList) => boolean): Promise<CachedList | undefined> {
    const { userId, insider } = viewer;
    if (!insider) return this.#pass(this.#lists.get(userId));
    const seesAll = this.#m.db.trustsOwnCommits();
    if (!seesAll) this.#presence.look();
    const { renewals: begun, loads: loaded } = this.#lists.get(userId) ?? { renewals: 0, loads: 0 };
    let told = this.#told.get(viewer);
    let toldNow = false;
    for (let found: keyof LookUps = 'kept'; ; ) {
      const list = this.#lists.get(userId) ?? this.#admit(userId);
      if (told && list?.loaded && !list.renewal && list.zone === zone && list.renewals === begun) {
        toldNow = true;
        if (list.changedIn(told).length > 0) found = 'renewed';
        // Others who wait for what is read now must ask by themselves: it may have changed again before they came.
        if (!list.standsBy(told, this.#m.clock.precise())) await this.#begin(list, zone, told);
        told = undefined;
        continue;
      }
      // A renewal that was under way when the call came may have looked before the last commit.
      const asked = list !== undefined && (toldNow || list.renewals > begun || (seesAll && this.#stands(list)));
      // What was loaded since is in the zone that there was then, which may be newer than what the caller knows.
      const inZone = list?.zone === zone || (list !== undefined && list.loads > loaded);
      if (list && asked && !list.renewal && inZone && list.isFresh(this.#m.clock.now())) {
        this.#keep(list);
        const enough = suffices(list);
        this.lookUps[enough ? found : 'passed'] += 1;
        return enough ? list : undefined;
      }
      const joins = list?.renewal !== undefined;
      const read = list && (await this.#renew(list, zone));
      // All who have waited would go on in one turn of the loop, each with a list to put together.
      if (joins) await yieldToOthers();
      if (read === undefined) return this.#pass(list);
      if (found !== 'loaded' && read > 0) found = read === Infinity ? 'loaded' : 'renewed';
    }
  }

  /** Whether no commit has concerned the list since it last asked. */
  #stands(list: CachedList): boolean {
    if (list.checkedAt === this.#commits.count) return true;
    // What it has seen is given out as a token, which must not grow old.
    if (this.#m.clock.precise() - list.askedAt > ASKED_AGAIN_MS) return false;
    const chats = this.#commits.chatsSince(list.checkedAt, list.userId);
    if (!chats?.every((chatId) => list.foreign.has(chatId))) return false;
    list.checkedAt = this.#commits.count;
    return true;
  }

  /** What somebody has not seen who syncs by a date, where that is known without asking. */
  rangeNow(userId: number, since: number, oldest: number): SyncRange | undefined {
    return this.#lists.get(userId)?.reachesBack(oldest) ? this.#dates.rangeSince(since, oldest) : undefined;
  }

  /** What is known of a user's list, to ask what has changed since; undefined where it is not kept. */
  known(userId: number): { since: number; limit: number } | undefined {
    const list = this.#lists.get(userId);
    return list?.loaded ? { since: list.seen.token, limit: this.limits.changes } : undefined;
  }

  /** Whether the user's list is kept, and may have the page. */
  mayHold(userId: number, page: ListPage): boolean {
    return this.known(userId) !== undefined && this.#lists.get(userId)!.mayHold(page);
  }

  /** What has changed in the viewer's list since what was {@link known} was asked for together with who they are. */
  told(viewer: Viewer, changed: Changed): void {
    if (changed.rows.length < this.limits.changes) this.#told.set(viewer, changed);
  }

  /** The same where it is known at once that the list that is kept is fresh. @param still nothing was committed since it was given so last */
  freshNow(viewer: Viewer, zone: Zone, still: boolean): CachedList | undefined {
    const list = this.#lists.get(viewer.userId);
    if (!list?.loaded || list.renewal || list.zone !== zone || !this.#standsFor(list, viewer, still) || !list.isFresh(this.#m.clock.now())) return undefined;
    this.lookUps.kept += 1;
    return this.#keep(list);
  }

  #standsFor(list: CachedList, viewer: Viewer, still: boolean): boolean {
    if (this.#m.db.trustsOwnCommits()) return this.#stands(list);
    this.#presence.look();
    if (still) return true;
    const told = this.#told.get(viewer);
    return told !== undefined && list.standsBy(told, this.#m.clock.precise());
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
    if (list.renewal) return list.renewal;
    list.renewals += 1;
    return this.#begin(list, zone);
  }

  #begin(list: CachedList, zone: Zone, told?: Changed): Promise<number | undefined> {
    return (list.renewal = this.#read(list, zone, told).finally(() => {
      list.renewal = undefined;
    }));
  }

  /** @returns how many rows were read, infinitely many for the whole list; undefined when it is not to be kept */
  async #read(list: CachedList, zone: Zone, told?: Changed): Promise<number | undefined> {
    this.#renewing.add(list);
    try {
      // Dates are encoded in the portal's zone.
      return await (list.loaded && list.zone === zone ? this.#update(list, zone, told) : this.#load(list, zone));
    } catch (error) {
      list.loaded = false;
      throw error;
    } finally {
      this.#renewing.delete(list);
    }
  }

  /** Asks what has changed, and reads it again, in one look at the store. */
  async #update(list: CachedList, zone: Zone, told: Changed | undefined): Promise<number | undefined> {
    if (this.#m.clock.now() - list.usedAt > UNUSED_MS || list.size > 2 * this.limits.longest) return this.#load(list, zone);
    const commits = this.#commits.count;
    // Before the snapshot: who is marked meanwhile may not be in it.
    const marked = list.takeMarked();
    const known = { told, marked, commits: this.#m.db.trustsOwnCommits() ? this.#commits : undefined };
    const read = await renewal(this.#m.db, list, this.#shared, known, this.limits.longest);
    if (!read || read.rows.some((row) => row.zone !== list.zone)) return this.#load(list, zone);
    list.update(read.chatIds, read.rows);
    list.foreign.learn(read.foreign, read.changed);
    list.knows(read.changed, commits, this.#m.clock.precise());
    this.#follow(list, read.rows);
    return read.chatIds.length;
  }

  async #load(list: CachedList, zone: Zone): Promise<number> {
    const commits = this.#commits.count;
    list.loads += 1;
    list.start();
    const { seen, rows, coverage } = await this.#m.db.read((s) => readKept(this.#m, s, list.userId, this.#check, this.limits));
    list.replace(rows, zone, coverage);
    list.knows({ seen, users: [] }, commits, this.#m.clock.precise());
    this.#follow(list, rows);
    return Infinity;
  }

  /** Watches whom the rows show, without a gap after the end of reading: no activity may slip through. */
  #follow(list: CachedList, rows: readonly EncodedRow[]): void {
    this.encodedRows += rows.length;
    if (!this.#has(list)) return;
    this.#account(list);
    this.#byUser.follow(list, rows);
  }

  #committed(changes: Changes): void {
    this.#commits.add(changes);
    if (!changes.everything) {
      for (const userId of changes.users) this.#markUser(userId);
      return;
    }
    for (const list of this.#lists.values()) this.#drop(list);
    this.#shared.clear();
  }

  /** What is being read may or may not have been read before the commit. */
  #markUser(userId: number): void {
    this.#shared.userChanged(userId);
    for (const list of this.#byUser.of(userId)) list.markUser(userId);
    for (const list of this.#renewing) list.markUser(userId);
  }

  /** Makes the list the most recently used one. */
  #keep(list: CachedList): CachedList {
    list.usedAt = this.#m.clock.now();
    this.#lists.delete(list.userId);
    this.#lists.set(list.userId, list);
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
}
