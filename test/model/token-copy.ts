/** A client that keeps a copy of its list by token. */
import { expect } from 'vitest';
import type { Client } from '../support/client.ts';
import { toRow, type WireRow } from './answers.ts';

interface Changes {
  items: WireRow[];
  removed: Array<number | string>;
  token: string;
  has_more: boolean;
  reset_required: boolean;
}

export class TokenCopy {
  token = '';
  readonly #rows = new Map<number, WireRow>();

  /** @returns the chats that it was told of */
  async catchUp(client: Client): Promise<Set<number>> {
    const told = new Set<number>();
    for (;;) {
      const { items, removed, token, has_more: more, reset_required: reset } = await client.call<Changes>('tidemark.recent.changes', { TOKEN: this.token, LIMIT: 3 });
      expect(reset).toBe(false);
      this.token = token;
      for (const row of items) {
        this.#rows.set(row.chat_id, row);
        told.add(row.chat_id);
      }
      for (const [chat, row] of this.#rows) if (removed.includes(row.id)) this.#rows.delete(chat);
      if (!more) return told;
    }
  }

  compare(rows: readonly WireRow[]): void {
    const byChat = (all: Iterable<WireRow>) => [...all].map(toRow).sort((a, b) => a.chat_id - b.chat_id);
    expect(byChat(this.#rows.values())).toEqual(byChat(rows));
  }
}
