import type { Clock } from './clock.ts';

/** How a clock differs from the machine's, milliseconds. */
export interface Moved {
  /** The time of day less the machine's. */
  offset: number;
  /** Time that has passed besides; never less than before, since limits and durations do not go back. */
  passed: number;
}

export const UNMOVED: Moved = { offset: 0, passed: 0 };

/** A clock that may be moved, for tests of what takes long; whoever cares is told. */
export class MovableClock implements Clock {
  /** The clock of everybody else: what is dated for the world outside goes by it. */
  readonly real: Clock;
  readonly #listeners = new Set<() => void>();
  #offset = 0;
  #passed = 0;

  constructor(real: Clock) {
    this.real = real;
  }

  now(): number {
    return this.real.now() + this.#offset;
  }

  precise(): number {
    return this.real.precise() + this.#passed;
  }

  /** The time of day less the machine's, milliseconds. */
  get offset(): number {
    return this.#offset;
  }

  get passed(): number {
    return this.#passed;
  }

  /** Told of each move, once it has happened. */
  onMove(listener: () => void): void {
    this.#listeners.add(listener);
  }

  follow({ offset, passed }: Moved): void {
    if (offset === this.#offset && passed <= this.#passed) return;
    this.#offset = offset;
    this.#passed = Math.max(this.#passed, passed);
    for (const listener of this.#listeners) listener();
  }
}

/** `2h`, `31d`, `1d12h`: weeks, days, hours, minutes, seconds and milliseconds. Undefined for anything else. */
export function parseDuration(text: string): number | undefined {
  if (!/^(?:\d{1,9}(?:ms|[wdhms]))+$/.test(text)) return undefined;
  return [...text.matchAll(/(\d+)(ms|[wdhms])/gy)].reduce((sum, [, count, unit]) => sum + Number(count) * UNITS[unit as keyof typeof UNITS], 0);
}

const UNITS = { w: 604_800_000, d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000, ms: 1 };

/** The two largest units, such as `31d` and `1h30m`; with a minus for less than nothing. */
export function durationText(ms: number): string {
  let left = Math.abs(ms);
  const parts: string[] = [];
  for (const [unit, size] of Object.entries(UNITS).filter(([name]) => name !== 'w')) {
    if (left >= size && parts.length < 2) parts.push(`${Math.floor(left / size)}${unit}`);
    left %= size;
  }
  return `${ms < 0 ? '-' : ''}${parts.join('') || '0s'}`;
}
