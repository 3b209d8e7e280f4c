/** A kept list walked like the stored one, as far as it is in memory. */
import { isSeen } from '../../db/stores/generation-store.ts';
import type { RecentPosition } from '../../db/stores/recent-store.ts';
import type { CachedList } from './cached-list.ts';
import type { RowChoice } from './list-part.ts';
import type { EncodedRow } from './recent-window.ts';
import { comparePositions, type PageEnd, type Walked } from './walked-pages.ts';

export interface KeptKey extends RecentPosition {
  row: EncodedRow;
}

export class KeptWalk implements Walked<KeptKey> {
  /** Whether it has come to where rows may be missing: what was walked is void. */
  lacking = false;
  readonly #keys: readonly KeptKey[];
  readonly #end: RecentPosition | undefined;

  /** Of the list as it is now, whatever becomes of it. */
  constructor(list: CachedList, choice: RowChoice) {
    const { rows, end } = list.inOrder();
    const keys = rows.filter((row) => choice.accepts(row)).map((row) => ({ pinned: row.pinned, at: row.at, chat_id: row.chatId, row }));
    this.#keys = end ? keys.filter((key) => comparePositions(key, end) <= 0) : keys;
    this.#end = end;
  }

  async *from(start: RecentPosition): AsyncGenerator<KeptKey> {
    for (const key of this.#keys) if (comparePositions(start, key) < 0) yield key;
    this.lacking ||= this.#end !== undefined;
  }

  async changedAbove({ end, seen, chats }: PageEnd): Promise<KeptKey[]> {
    this.lacking ||= this.#end !== undefined && comparePositions(end, this.#end) > 0;
    if (!seen) return [];
    const isNews = ({ row: { rev, liveRev } }: KeptKey) => !(isSeen(rev, seen) && isSeen(liveRev, seen));
    return this.#keys.filter((key) => comparePositions(key, end) <= 0 && !chats.has(key.chat_id) && isNews(key));
  }
}
