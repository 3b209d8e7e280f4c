/** The totals of somebody who is connected, kept so that each event can say them: what each chat adds to them. */
import { addTo, type Share, shareOf } from '../../messenger/recent/counters.ts';
import type { Counters } from '../../messenger/views/counters-view.ts';
import type { Totals } from './happening.ts';

type Counted = Parameters<typeof shareOf>[0];

const NOTHING: Share = { count: 0, of: undefined };

interface Count {
  counters: Counters;
  /** Those that count. */
  rows: ReadonlyArray<Counted & { chat_id: number }>;
}

export class Tally {
  /** Of the chats that add anything. */
  #shares = new Map<number, Share>();
  #totals: Totals = { ALL: 0, NOTIFY: 0, CHAT: 0, LINES: 0, DIALOG: 0, MESSENGER: 0 };

  get totals(): Totals {
    return { ...this.#totals };
  }

  /** What has come since each count under way has begun: it may be newer than what the count has seen, and if not, what is newer is still to come. */
  readonly #counting = new Set<Array<() => void>>();
  /** Begins, or begins anew, with what is counted. */
  async count(counting: () => Promise<Count>): Promise<Counters> {
    const since: Array<() => void> = [];
    this.#counting.add(since);
    try {
      const count = await counting();
      this.#begin(count);
      for (const step of since) step();
      return count.counters;
    } finally {
      this.#counting.delete(since);
    }
  }

  #begin({ counters: { TYPE }, rows }: Count): void {
    this.#totals = { ...TYPE };
    this.#shares = new Map();
    for (const row of rows) {
      const share = shareOf(row);
      if (share.count > 0) this.#shares.set(row.chat_id, share);
    }
  }

  has(chatId: number): boolean {
    return this.#shares.has(chatId);
  }

  /** @param row undefined where it counts nowhere */
  set(chatId: number, row: Counted | undefined): void {
    for (const since of this.#counting) since.push(() => this.#set(chatId, row));
    this.#set(chatId, row);
  }

  setNotices(unread: number): void {
    for (const since of this.#counting) since.push(() => this.#setNotices(unread));
    this.#setNotices(unread);
  }

  #set(chatId: number, row: Counted | undefined): void {
    const share = row && shareOf(row);
    addTo(this.#totals, this.#shares.get(chatId) ?? NOTHING, -1);
    addTo(this.#totals, share ?? NOTHING, 1);
    if (share && share.count > 0) this.#shares.set(chatId, share);
    else this.#shares.delete(chatId);
  }

  #setNotices(unread: number): void {
    this.#totals.ALL += unread - this.#totals.NOTIFY;
    this.#totals.NOTIFY = unread;
  }
}
