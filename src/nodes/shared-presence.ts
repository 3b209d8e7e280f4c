import type { OtherNodes } from '../identity/presence.ts';
import type { MovableClock } from '../base/movable-clock.ts';
import type { Redis } from './redis.ts';

/** Who was written down as active lately, by whichever node. */
export class SharedPresence implements OtherNodes {
  readonly #redis: Redis;
  readonly #clock: MovableClock;

  constructor(redis: Redis, clock: MovableClock) {
    this.#redis = redis;
    this.#clock = clock;
  }

  async rests(keys: readonly string[]): Promise<Map<string, number>> {
    const left = await this.#redis.ask((client) => Promise.all(keys.map((key) => client.pTTL(this.#name(key)))));
    return new Map(keys.flatMap((key, i) => (left?.[i] !== undefined && left[i] > 0 ? [[key, left[i]] as const] : [])));
  }

  wrote(keys: readonly string[], ms: number): void {
    void this.#redis.ask((client) => Promise.all(keys.map((key) => client.set(this.#name(key), '1', { expiration: { type: 'PX', value: ms } }))));
  }

  /** Time that the clock lets pass does not pass for Redis, which keeps what was before it for itself. */
  #name(key: string): string {
    const { passed } = this.#clock;
    return this.#redis.name('active', passed === 0 ? key : `${key} ${passed}`);
  }
}
