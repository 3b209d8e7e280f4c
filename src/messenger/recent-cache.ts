/**
 * The lists of recently active users, encoded row by row. Never the truth: a commit marks the rows it touched, and a
 * marked row is read again before the list is used. Used only where this process sees every commit.
 */
import type { Touched } from '../db/database.ts';
import { recentWindowSize, wideChatIds } from '../db/recent-store.ts';
import { CachedList } from './cached-list.ts';
import { isInsider } from './access/meeting.ts';
import type { Messenger } from './messenger.ts';
import { encodeChats, encodeWindow, RECENT_WINDOW_MS, type RowCheck } from './recent-window.ts';

/** Rows of the longest list that is kept: ordering and joining more would keep other requests waiting. */
const LONGEST_LIST = 5000;
const DEFAULT_BUDGET_BYTES = 48 * 1024 * 1024;

export class RecentCache {
  readonly #m: Messenger;
  readonly #check: RowCheck;
  readonly #budget: number;
  /** Least recently used first. */
  readonly #lists = new Map<number, CachedList>();
  readonly #byChat = new Map<number, Set<CachedList>>();
  /** Lists being read: which chats concern them is not known yet. */
  readonly #loading = new Set<CachedList>();
  #bytes = 0;

  /** @param budget bytes that the encoded rows and answers may take; 0 keeps nothing */
  constructor(m: Messenger, check: RowCheck, budget = DEFAULT_BUDGET_BYTES) {
    this.#m = m;
    this.#check = check;
    this.#budget = budget;
    m.db.onCommit((touched) => this.#mark(touched));
  }

  /** The user's list with nothing in it older than the last commit before the call; undefined when it is not kept. */
  async freshList(userId: number): Promise<CachedList | undefined> {
    for (;;) {
      const list = this.#lists.get(userId);
      // While rows are being read again their marks are gone already, but the list still has them as they were.
      if (list && !list.renewal && list.isFresh(this.#m.clock.now())) return this.#keep(list);
      if (list) await this.#renew(list);
      else if (!(await this.#mayKeep(userId))) return undefined;
      else this.#add(userId);
    }
  }

  /** Unless somebody else has meanwhile. */
  #add(userId: number): void {
    if (!this.#lists.has(userId)) this.#lists.set(userId, new CachedList(userId));
  }

  /** Not a very long list, and not a guest's, which changes with the groups that others are in. */
  #mayKeep(userId: number): Promise<boolean> {
    const since = this.#m.clock.now() - RECENT_WINDOW_MS;
    return this.#m.db.read(async (s) => {
      if (!(await isInsider(s, userId))) return false;
      return (await recentWindowSize(s, userId, since, LONGEST_LIST + 1)) <= LONGEST_LIST;
    });
  }

  /** One renewal at a time; who comes meanwhile waits for it and looks again. */
  #renew(list: CachedList): Promise<void> {
    list.renewal ??= this.#read(list).finally(() => {
      list.renewal = undefined;
    });
    return list.renewal;
  }

  async #read(list: CachedList): Promise<void> {
    try {
      await (list.loaded ? this.#update(list) : this.#load(list));
    } catch (error) {
      list.loaded = false;
      throw error;
    }
  }

  async #update(list: CachedList): Promise<void> {
    const chatIds = list.takeMarked();
    for (const chatId of chatIds) this.#watch(chatId, list);
    list.update(chatIds, await encodeChats(this.#m, list.userId, chatIds, this.#check));
  }

  /** Also watches the user's wide chats that are not in the window: a message there touches no row of the user's. */
  async #load(list: CachedList): Promise<void> {
    list.start();
    this.#loading.add(list);
    try {
      const since = this.#m.clock.now() - RECENT_WINDOW_MS;
      const wide = await this.#m.db.read((s) => wideChatIds(s, list.userId));
      list.replace(await encodeWindow(this.#m, list.userId, since, this.#check));
      // Without a gap between the end of loading and the watch: no commit may slip through.
      if (this.#lists.get(list.userId) !== list) return;
      for (const chatId of wide) this.#watch(chatId, list);
      for (const chatId of list.chatIds()) this.#watch(chatId, list);
    } finally {
      this.#loading.delete(list);
    }
  }

  #watch(chatId: number, list: CachedList): void {
    const watchers = this.#byChat.get(chatId);
    if (watchers) watchers.add(list);
    else this.#byChat.set(chatId, new Set([list]));
    list.watched.add(chatId);
  }

  #mark(touched: Touched): void {
    if (touched.everything) return this.#clear();
    for (const chatId of touched.chats) {
      for (const list of this.#byChat.get(chatId) ?? []) list.mark(chatId);
    }
    for (const [userId, chatIds] of touched.members) {
      const list = this.#lists.get(userId);
      if (list) for (const chatId of chatIds) list.mark(chatId);
    }
    for (const userId of touched.users) this.#dropListOf(userId);
    if (touched.users.size > 0) for (const list of this.#lists.values()) list.markUsers(touched.users);
    for (const list of this.#loading) for (const chatId of touched.chats) list.mark(chatId);
  }

  /** Makes the list the most recently used one and drops the least recently used beyond the budget. */
  #keep(list: CachedList): CachedList {
    this.#lists.delete(list.userId);
    this.#lists.set(list.userId, list);
    this.#bytes += list.bytes() - list.accounted;
    list.accounted = list.bytes();
    for (const oldest of this.#lists.values()) {
      if (this.#bytes <= this.#budget) break;
      this.#drop(oldest);
    }
    return list;
  }

  #drop(list: CachedList): void {
    this.#lists.delete(list.userId);
    this.#bytes -= list.accounted;
    for (const chatId of list.watched) {
      const watchers = this.#byChat.get(chatId);
      watchers?.delete(list);
      if (watchers?.size === 0) this.#byChat.delete(chatId);
    }
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
