/** The user's list walked in its order: rows as the index has them, and the few live ones merged in. */
import { yieldToOthers } from '../../base/turns.ts';
import type { Session } from '../../db/database.ts';
import { isSeen, type Seen } from '../../db/stores/generation-store.ts';
import { changedKeys, indexedKeys, liveKeys, RECENT_CHUNK, type RecentKey, type RecentPosition } from '../../db/stores/recent-store.ts';
import { indexedRows } from '../../db/stores/window-store.ts';
import type { RowFilter } from './list-filter.ts';
import { comparePositions, type PageEnd, type Walked } from './walked-pages.ts';

export class Walk implements Walked<RecentKey> {
  readonly #session: Session;
  readonly #userId: number;
  readonly #accepts: RowFilter;
  readonly #chunk: number;
  readonly #withRows: boolean;
  #live: ReturnType<typeof liveKeys> | undefined;

  /** @param expected how many rows the walk will probably need; @param withRows whether most of them are to be shown */
  constructor(session: Session, userId: number, accepts: RowFilter, expected: number, withRows = false) {
    this.#session = session;
    this.#userId = userId;
    this.#accepts = accepts;
    this.#chunk = Math.min(expected, RECENT_CHUNK);
    this.#withRows = withRows;
  }

  async *from(start: RecentPosition): AsyncGenerator<RecentKey> {
    const [all, first] = await Promise.all([this.#liveKeys(), this.#chunkAfter(start)]);
    const known = new Set(all.map((key) => key.chat_id));
    const live = all.filter((key) => key.shown === 1 && comparePositions(start, key) < 0).sort(comparePositions);
    for await (const chunk of this.#indexed(first)) {
      const merged: RecentKey[] = [];
      for (const key of chunk) {
        while (live.length > 0 && comparePositions(live[0]!, key) < 0) merged.push(live.shift()!);
        if (!known.has(key.chat_id)) merged.push(key);
      }
      yield* await this.#accepts(merged);
    }
    yield* await this.#accepts(live);
  }

  async changedAbove({ end, seen, chats }: PageEnd): Promise<RecentKey[]> {
    if (!seen) return [];
    const [all, indexed] = await Promise.all([this.#liveKeys(), this.#changedIndexed(seen)]);
    const known = new Set(all.map((key) => key.chat_id));
    const live = all.filter((key) => key.shown === 1 && !(isSeen(key.rev, seen) && isSeen(key.live_rev, seen)));
    const changed = [...live, ...indexed.filter((key) => !known.has(key.chat_id))];
    const above = changed.filter((key) => comparePositions(key, end) <= 0 && !chats.has(key.chat_id));
    return this.#accepts(above.sort(comparePositions));
  }

  async #changedIndexed(seen: Seen): Promise<RecentKey[]> {
    const changed: RecentKey[] = [];
    for await (const chunk of changedKeys(this.#session, this.#userId, seen.token)) {
      changed.push(...chunk.filter(({ rev }) => !isSeen(rev, seen)));
      await yieldToOthers();
    }
    return changed;
  }

  #liveKeys(): ReturnType<typeof liveKeys> {
    return (this.#live ??= liveKeys(this.#session, this.#userId));
  }

  async *#indexed(first: RecentKey[]): AsyncGenerator<RecentKey[]> {
    for (let chunk = first; ; ) {
      if (chunk.length > 0) yield chunk;
      if (chunk.length < this.#chunk) return;
      const last = chunk[chunk.length - 1]!;
      await yieldToOthers();
      chunk = await this.#chunkAfter(last);
    }
  }

  #chunkAfter({ pinned, at, chat_id }: RecentPosition): Promise<RecentKey[]> {
    const after = { pinned, at, chat_id };
    return (this.#withRows ? indexedRows : indexedKeys)(this.#session, this.#userId, after, this.#chunk);
  }
}
