/** Numbers that look like chance and are the same for the same seed, wherever and in whatever order they are asked for. */
export class Random {
  #state: number;

  constructor(...seeds: number[]) {
    this.#state = seeds.reduce((state, seed) => mixed(state ^ mixed(seed)), 0x2545f491);
  }

  /** From 0 on, below 1. */
  next(): number {
    this.#state = (this.#state + 0x9e3779b9) | 0;
    return (mixed(this.#state) >>> 0) / 2 ** 32;
  }

  /** From 0 on, below the bound. */
  below(bound: number): number {
    return Math.floor(this.next() * bound);
  }

  /** The same with low ones more often, the more so the higher the power. */
  skewed(bound: number, power: number): number {
    return Math.floor(this.next() ** power * bound);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }
}

function mixed(value: number): number {
  let hash = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
