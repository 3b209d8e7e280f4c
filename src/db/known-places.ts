/** Where people write: what was last known of their places in chats. Whoever goes by it makes sure of it when they write. */
import type { Database } from './database.ts';
import { pairKey } from './stores/chat-store.ts';
import { placeIn, placeOfPair } from './stores/post-store.ts';

export type KnownPlace = (typeof placeIn)['row'];

const MOST_KNOWN = 10_000;

export class KnownPlaces {
  readonly #db: Database;
  readonly #known = new Map<string, KnownPlace>();

  constructor(db: Database) {
    this.#db = db;
  }

  /**
   * A member's place in a chat, or in the private dialog with a user; undefined where there is none.
   *
   * @param id of the chat, or of the other user
   */
  async find(userId: number, kind: 'chat' | 'user', id: number): Promise<KnownPlace | undefined> {
    const key = `${userId} ${kind} ${id}`;
    const known = this.#known.get(key);
    if (known) return known;
    const [place] = kind === 'chat' ? await this.#db.all(placeIn, { userId, chatId: id }) : await this.#db.all(placeOfPair, { userId, pairKey: pairKey(userId, id) });
    if (place) this.#remember(key, place);
    return place;
  }

  forget(userId: number, kind: 'chat' | 'user', id: number): void {
    this.#known.delete(`${userId} ${kind} ${id}`);
  }

  #remember(key: string, place: KnownPlace): void {
    if (this.#known.size >= MOST_KNOWN) this.#known.clear();
    this.#known.set(key, place);
  }
}
