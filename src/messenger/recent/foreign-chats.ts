/** Chats of which a user is no member: what happens in them does not concern the user's list. */
import type { Session } from '../../db/database.ts';
import type { Changed } from '../../db/stores/change-store.ts';
import { rowIdentities } from '../../db/stores/change-store.ts';

/** Chats that are remembered; beyond it all are forgotten. */
const REMEMBERED = 1000;

export class ForeignChats {
  readonly #ids = new Set<number>();

  has(chatId: number): boolean {
    return this.#ids.has(chatId);
  }

  get size(): number {
    return this.#ids.size;
  }

  clear(): void {
    this.#ids.clear();
  }

  /** @param rows what has changed of the user's own: whoever becomes a member is among it */
  learn(chatIds: readonly number[], { rows }: Pick<Changed, 'rows'>): void {
    if (this.#ids.size + chatIds.length > REMEMBERED) this.#ids.clear();
    for (const chatId of chatIds) this.#ids.add(chatId);
    for (const { chatId } of rows) this.#ids.delete(chatId);
  }
}

/** Those of the chats of which the user is no member and never was of late, as the session sees it. */
export async function foreignTo(s: Session, list: { userId: number; has(chatId: number): boolean; foreign: ForeignChats }, chatIds: readonly number[], { rows }: Pick<Changed, 'rows'>): Promise<number[]> {
  const changed = new Set(rows.map(({ chatId }) => chatId));
  const unknown = [...new Set(chatIds)].filter((chatId) => !list.has(chatId) && !list.foreign.has(chatId) && !changed.has(chatId));
  if (unknown.length === 0) return [];
  const own = new Set((await rowIdentities(s, list.userId, unknown)).map((row) => row.chat_id));
  return unknown.filter((chatId) => !own.has(chatId));
}
