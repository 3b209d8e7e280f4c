import type { OtherNodes } from '../identity/presence.ts';
import type { Redis } from './redis.ts';

/** Who was written down as active lately, by whichever node. */
export class SharedPresence implements OtherNodes {
  readonly #redis: Redis;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  async rests(keys: readonly string[]): Promise<Map<string, number>> {
    const left = await this.#redis.ask((client) => Promise.all(keys.map((key) => client.pTTL(this.#name(key)))));
    return new Map(keys.flatMap((key, i) => (left?.[i] !== undefined && left[i] > 0 ? [[key, left[i]] as const] : [])));
  }

  wrote(keys: readonly string[], ms: number): void {
    void this.#redis.ask((client) => Promise.all(keys.map((key) => client.set(this.#name(key), '1', { expiration: { type: 'PX', value: ms } }))));
  }

  #name(key: string): string {
    return this.#redis.name('active', key);
  }
}
