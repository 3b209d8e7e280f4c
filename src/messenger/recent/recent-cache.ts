/**
 * The lists of recently active users, encoded row by row. Never the truth: a commit marks the rows it touched, and a
 * marked row is read again before the list is used. Used only where this process sees every commit.
 */
import type { Session, Touched } from '../../db/database.ts';
import { recentWindowSize, wideChatIds } from '../../db/stores/recent-store.ts';
import { CachedList } from './cached-list.ts';
import { isInsider } from '../access/meeting.ts';
import type { Messenger } from '../messenger.ts';
import { encodeChats, encodeWindow, type EncodedRow, RECENT_WINDOW_MS, type RowCheck } from './recent-window.ts';
import { SETTING_KEYS } from '../../portal/settings.ts';
import { Watchers } from '../../base/watchers.ts';

/** Rows of the longest list that is kept: ordering and joining more would keep other requests waiting. */
const LONGEST_LIST = 5000;
/** A list that was asked for within this time is in use. */
const IN_USE_MS = 60_000;
/** While all that is kept is in use and there is no room, one newcomer of so many is let in. */
const ADMIT_ONE_OF = 8;

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
  readonly #byChat = new Watchers<CachedList>();
  /** Lists whose rows show a user. */
  readonly #byUser = new Watchers<CachedList>();
  /** Lists of which rows are being read: whom these show is not known yet. */
  readonly #renewing = new Set<CachedList>();
  #bytes = 0;
  #turnedAway = 0;

  /** @param budget bytes that the lists may take; 0 keeps nothing */
  constructor(m: Messenger, check: RowCheck, budget: number) {
    this.#m = m;
    this.#check = check;
    this.budget = budget;
    m.db.onCommit((touched) => this.#mark(touched));
  }

  get lists(): number {
    return this.#lists.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** The user's list with nothing in it older than the last commit before the call; undefined when it is not kept. */
  async freshList(userId: number): Promise<CachedList | undefined> {
    let found: keyof LookUps = 'kept';
    for (;;) {
      const list = this.#lists.get(userId) ?? this.#admit(userId);
      // While rows are being read again their marks are gone already, but the list still has them as they were.
      if (list && !list.renewal && list.isFresh(this.#m.clock.now())) {
        this.lookUps[found] += 1;
        return this.#keep(list);
      }
      if (found !== 'loaded') found = list?.loaded ? 'renewed' : 'loaded';
      if (list && (await this.#renew(list))) continue;
      this.lookUps.passed += 1;
      return undefined;
    }
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
  #renew(list: CachedList): Promise<boolean> {
    list.renewal ??= this.#read(list).finally(() => {
      list.renewal = undefined;
    });
    return list.renewal;
  }

  /** @returns false when the list is not to be kept */
  async #read(list: CachedList): Promise<boolean> {
    this.#renewing.add(list);
    try {
      return await (list.loaded ? this.#update(list) : this.#load(list));
    } catch (error) {
      list.loaded = false;
      throw error;
    } finally {
      this.#renewing.delete(list);
    }
  }

  async #update(list: CachedList): Promise<true> {
    const chatIds = list.takeMarked();
    for (const chatId of chatIds) this.#byChat.watch(chatId, list);
    const rows = await encodeChats(this.#m, list.userId, chatIds, this.#check);
    list.update(chatIds, rows);
    this.#follow(list, rows);
    return true;
  }

  /** Also watches the user's wide chats that are not in the window: a message there touches no row of the user's. */
  async #load(list: CachedList): Promise<boolean> {
    list.start();
    const since = this.#m.clock.now() - RECENT_WINDOW_MS;
    const wide = await this.#m.db.read(async (s) => ((await mayKeep(s, list.userId, since)) ? wideChatIds(s, list.userId) : undefined));
    if (!wide) {
      this.#drop(list);
      return false;
    }
    const rows = await encodeWindow(this.#m, list.userId, since, this.#check);
    list.replace(rows);
    if (!this.#has(list)) return true;
    for (const chatId of wide) this.#byChat.watch(chatId, list);
    for (const { chatId } of rows) this.#byChat.watch(chatId, list);
    this.#follow(list, rows);
    return true;
  }

  /** Watches whom the rows show, without a gap after the end of reading: no commit may slip through. */
  #follow(list: CachedList, rows: readonly EncodedRow[]): void {
    this.encodedRows += rows.length;
    if (!this.#has(list)) return;
    watchUsers(this.#byUser, list, rows);
    // Authors of last messages come and go.
    if (this.#byUser.count(list) <= 2 * list.size + MANY_USERS) return;
    this.#byUser.forget(list);
    watchUsers(this.#byUser, list, list.all());
  }

  #mark(touched: Touched): void {
    // Dates are encoded in the portal's zone.
    if (touched.everything || touched.settings.has(SETTING_KEYS.timezone)) return this.#clear();
    for (const chatId of touched.chats) {
      for (const list of this.#byChat.of(chatId)) list.mark(chatId);
    }
    for (const [userId, chatIds] of touched.members) {
      const list = this.#lists.get(userId);
      if (list) for (const chatId of chatIds) list.mark(chatId);
    }
    for (const userId of touched.users) {
      if (touched.accounts.has(userId)) this.#dropListOf(userId);
      for (const list of this.#byUser.of(userId)) list.markUser(userId);
    }
    for (const list of this.#renewing) this.#markRenewing(list, touched);
  }

  /** What is being read may or may not have been read before the commit. */
  #markRenewing(list: CachedList, touched: Touched): void {
    for (const userId of touched.users) list.markUser(userId);
    if (!list.loaded) for (const chatId of touched.chats) list.mark(chatId);
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
    this.#byChat.forget(list);
    this.#byUser.forget(list);
  }

  /** The user may have become a guest. */
  #dropListOf(userId: number): void {
    const list = this.#lists.get(userId);
    if (list) this.#drop(list);
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

/** Not a very long list, and not a guest's, which changes with the groups that others are in. */
async function mayKeep(s: Session, userId: number, since: number): Promise<boolean> {
  if (!(await isInsider(s, userId))) return false;
  return (await recentWindowSize(s, userId, since, LONGEST_LIST + 1)) <= LONGEST_LIST;
}
