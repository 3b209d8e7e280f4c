import { hash } from 'node:crypto';
import type { MovableClock } from '../base/movable-clock.ts';
import { counts, type Operating, OperatingTime, type OperatingTimes } from '../rest/operating-time.ts';
import type { Redis, Script } from './redis.ts';

const MINUTE_MS = 60_000;
/** What the others have counted is known this late, milliseconds: sooner where something was counted, as calls that count take longer. */
const FRESH_MS = 1000;
const FRESH_COUNTED_MS = 100;
/** Keys whose freshness is remembered; beyond it all are asked for again. */
const REMEMBERED = 50_000;

/** Adds milliseconds to the minute of the server's clock, whose first call began so long ago. Kept for eleven minutes. Last comes what the portal's clock is past it. */
const RECORD = script(`
local time = redis.call('TIME')
local began = time[1] * 1000 + math.floor(time[2] / 1000) - tonumber(ARGV[2]) + tonumber(ARGV[3])
local minute = string.format('%.0f', math.floor(began / ${MINUTE_MS}))
redis.call('HSETNX', KEYS[1], 'first ' .. minute, string.format('%.0f', began))
redis.call('HINCRBY', KEYS[1], minute, ARGV[1])
redis.call('PEXPIRE', KEYS[1], ${11 * MINUTE_MS})
return 1`);

/** Gives, of each minute that counts, how long ago its first call began, and its milliseconds; forgets the others. */
const READ = script(`
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000) + tonumber(ARGV[1])
local found = {}
for _, field in ipairs(redis.call('HKEYS', KEYS[1])) do
  local minute = tonumber(field)
  if minute and minute > math.floor(now / ${MINUTE_MS}) - 10 then
    found[#found + 1] = math.floor(now - tonumber(redis.call('HGET', KEYS[1], 'first ' .. field)))
    found[#found + 1] = tonumber(redis.call('HGET', KEYS[1], field))
  elseif minute then
    redis.call('HDEL', KEYS[1], field, 'first ' .. field)
  end
end
return found`);

function script(source: string): Script {
  return { source, sha1: hash('sha1', source) };
}

/** What all nodes know together, a moment late. While Redis does not answer, and where it has forgotten, each goes by its own. */
export class SharedOperatingTime implements OperatingTimes {
  readonly #redis: Redis;
  readonly #clock: MovableClock;
  readonly #own = new OperatingTime();
  readonly #all = new OperatingTime();
  readonly #asked = new Map<string, number>();

  constructor(redis: Redis, clock: MovableClock) {
    this.#redis = redis;
    this.#clock = clock;
  }

  refresh(key: string, now: number): Promise<void> | undefined {
    if (!this.#redis.answers) return undefined;
    const since = now - (this.#asked.get(key) ?? -Infinity);
    if (since < FRESH_COUNTED_MS || (since < FRESH_MS && this.#all.report(key, now).seconds === 0)) return undefined;
    if (this.#asked.size >= REMEMBERED) this.#asked.clear();
    this.#asked.set(key, now);
    return this.#read(key, now);
  }

  record(key: string, start: number, ms: number): void {
    if (!counts(ms)) return;
    this.#own.record(key, start, ms);
    this.#all.record(key, start, ms);
    void this.#redis.run(RECORD, [this.#name(key)], [Math.round(ms), Math.round(ms), this.#clock.passed]);
  }

  report(key: string, now: number, date = now): Operating {
    const [own, all] = [this.#own.report(key, now, date), this.#all.report(key, now, date)];
    return all.seconds >= own.seconds ? all : own;
  }

  async #read(key: string, now: number): Promise<void> {
    const found = (await this.#redis.run(READ, [this.#name(key)], [this.#clock.passed])) as number[] | undefined;
    if (found === undefined) return;
    const minutes = [];
    for (let i = 0; i < found.length; i += 2) {
      const first = now - found[i]!;
      minutes.push({ minute: Math.floor(first / MINUTE_MS), first, seconds: found[i + 1]! / 1000 });
    }
    this.#all.set(key, minutes);
  }

  #name(key: string): string {
    return this.#redis.name('operating', key);
  }
}
