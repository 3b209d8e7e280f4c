import { hash } from 'node:crypto';
import type { MovableClock } from '../base/movable-clock.ts';
import { LeakyBuckets, type Limit, type Limits } from '../base/rate-limit.ts';
import type { Redis, Script } from './redis.ts';

/**
 * Does something to buckets, all in one step, by the server's clock: nodes' clocks need not agree. What the portal's clock
 * is past it is the last argument. Of each bucket it gets how fast it drains, how much it holds, and what the node knows to be in it at least: a server that has forgotten
 * everything is reminded.
 */
const SOURCE = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000) + tonumber(ARGV[#ARGV])
local what = ARGV[1]
local levels = {}
for i, key in ipairs(KEYS) do
  local drain, threshold, known = tonumber(ARGV[3 * i - 1]), tonumber(ARGV[3 * i]), tonumber(ARGV[3 * i + 1])
  local bucket = redis.call('HMGET', key, 'level', 'at')
  local level = 0
  if bucket[1] then level = tonumber(bucket[1]) - math.max(0, now - tonumber(bucket[2])) / 1000 * drain end
  levels[i] = math.max(level, known)
  if (what == 'take' or what == 'full') and levels[i] + 1 > threshold then return 0 end
end
if what == 'full' then return 1 end
for i, key in ipairs(KEYS) do
  local level = math.max(0, levels[i] + (what == 'back' and -1 or 1))
  redis.call('HSET', key, 'level', string.format('%.6f', level), 'at', string.format('%.0f', now))
  redis.call('PEXPIRE', key, math.ceil(level / tonumber(ARGV[3 * i - 1]) * 1000) + 1000)
end
return 1`;

const SCRIPT: Script = { source: SOURCE, sha1: hash('sha1', SOURCE) };

/** Buckets that all nodes fill together. While Redis does not answer each node has its own, which it keeps all the time. */
export class SharedLimits implements Limits {
  readonly #redis: Redis;
  readonly #clock: MovableClock;
  readonly #kind: string;
  readonly #own = new LeakyBuckets();

  /** @param kind tells the buckets of one purpose from those of another */
  constructor(redis: Redis, clock: MovableClock, kind: string) {
    this.#redis = redis;
    this.#clock = clock;
    this.#kind = kind;
  }

  take(limits: readonly Limit[], now: number): boolean | Promise<boolean> {
    return this.#redis.answers ? this.#take(limits, now) : this.#own.take(limits, now);
  }

  isFull(limit: Limit, now: number): boolean | Promise<boolean> {
    return this.#redis.answers ? this.#isFull(limit, now) : this.#own.isFull(limit, now);
  }

  count(limit: Limit, now: number): void {
    void this.#run('count', [limit], now);
    this.#own.count(limit, now);
  }

  giveBack(limits: readonly Limit[]): void {
    this.#own.giveBack(limits);
    void this.#run('back', limits);
  }

  async #take(limits: readonly Limit[], now: number): Promise<boolean> {
    const answer = await this.#run('take', limits, now);
    if (answer === undefined) return this.#own.take(limits, now);
    if (answer === 1) for (const limit of limits) this.#own.count(limit, now);
    return answer === 1;
  }

  async #isFull(limit: Limit, now: number): Promise<boolean> {
    const answer = await this.#run('full', [limit], now);
    return answer === undefined ? this.#own.isFull(limit, now) : answer === 0;
  }

  /** @param now when what this node knows itself is to be told */
  #run(what: 'take' | 'full' | 'count' | 'back', limits: readonly Limit[], now?: number): Promise<unknown> {
    const keys = limits.map(({ key }) => this.#redis.name(this.#kind, key));
    const values = limits.flatMap((limit) => [limit.rate.drainPerSecond, limit.rate.threshold, now === undefined ? 0 : this.#own.level(limit, now)]);
    return this.#redis.run(SCRIPT, keys, [what, ...values, this.#clock.passed]);
  }
}
