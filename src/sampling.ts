/** What a look at the server's figures brings, made of its counts since the look before. */
import type { Clock } from './base/clock.ts';
import type { Sampler } from './base/figures.ts';
import type { Metrics, Totals } from './base/metrics.ts';
import type { Database } from './db/database.ts';
import { databaseSize } from './db/stores/size-store.ts';
import type { CallLog } from './rest/call-log.ts';

export interface Sampled {
  metrics: Metrics;
  cache: { readonly lists: number; readonly bytes: number; readonly budget: number; readonly lookUps: object };
  db: Database;
  clock: Clock;
  calls: CallLog;
  live: { readonly counts: { listeners: number; sent: number } };
}

/** The size of a database is asked for this often, milliseconds. */
const SIZE_EVERY_MS = 20_000;

/** What the counts were at a look. */
interface Before {
  at: number;
  totals: Totals;
  pushes: number;
  lookUps: Record<string, number>;
  cpu: NodeJS.CpuUsage;
}

export function sampling({ metrics, cache, db, clock, calls, live }: Sampled): Sampler {
  let before: Before | undefined;
  let size = { at: -Infinity, bytes: NaN };
  const counts = (): Before => ({
    at: clock.precise(), totals: metrics.totals(), pushes: live.counts.sent,
    lookUps: { ...(cache.lookUps as Record<string, number>) }, cpu: process.cpuUsage(),
  });
  return {
    forget() {
      before = undefined;
    },
    async look() {
      before ??= counts();
      if (clock.precise() - size.at > SIZE_EVERY_MS) size = { at: clock.precise(), bytes: await db.read((s) => databaseSize(s, db.engine)).catch(() => NaN) };
      const now = counts();
      const values = { ...between(before, now), ...standing(), connections: (await metrics.valueOf('tidemark_connections')) ?? 0 };
      before = now;
      return { at: clock.now(), values: { ...values, database_bytes: size.bytes } };
    },
  };

  function standing(): Record<string, number> {
    const { rss, heapUsed, external } = process.memoryUsage();
    return { live: live.counts.listeners, lists: cache.lists, lists_bytes: cache.bytes, lists_budget: cache.budget, calls_bytes: calls.bytes, memory: rss, heap: heapUsed, external };
  }
}

function between(before: Before, now: Before): Record<string, number> {
  const seconds = Math.max(0.001, (now.at - before.at) / 1000);
  const [was, is] = [before.totals, now.totals];
  const rate = (of: (totals: Totals) => number) => (of(is) - of(was)) / seconds;
  const units = is.units - was.units;
  const durations = is.durations.counts.map((count, bucket) => count - was.durations.counts[bucket]!);
  const calls = is.durations.count - was.durations.count;
  const cpu = now.cpu.user + now.cpu.system - before.cpu.user - before.cpu.system;
  return {
    requests: rate((totals) => totals.calls), errors: rate((totals) => totals.errors),
    p50: 1000 * quantile(0.5, durations, calls, is.bounds), p99: 1000 * quantile(0.99, durations, calls, is.bounds),
    pushes: (now.pushes - before.pushes) / seconds,
    statements: rate((totals) => totals.statements), round_trips: rate((totals) => totals.roundTrips), retries: rate((totals) => totals.retries),
    unit_ms: units === 0 ? 0 : (1000 * (is.unitSeconds - was.unitSeconds)) / units,
    hit_rate: hitRate(before.lookUps, now.lookUps), processor: cpu / 1e6 / seconds,
  };
}

/** Seconds in which a share of the calls was answered, as far as the bounds tell: even within each of them. 0 where there were none. */
function quantile(share: number, counts: readonly number[], calls: number, bounds: readonly number[]): number {
  let left = share * calls;
  for (const [bucket, count] of counts.entries()) {
    const from = bucket === 0 ? 0 : bounds[bucket - 1]!;
    if (count > 0 && left <= count) return from + ((bounds[bucket]! - from) * left) / count;
    left -= count;
  }
  return calls === 0 ? 0 : bounds.at(-1)!;
}

/** Which share of the lists that were asked for came out of memory, whole or but for some rows; 1 where none was. */
function hitRate(before: Record<string, number>, now: Record<string, number>): number {
  const made = (key: string) => (now[key] ?? 0) - (before[key] ?? 0);
  const all = Object.keys(now).reduce((sum, key) => sum + made(key), 0);
  return all === 0 ? 1 : (made('kept') + made('renewed')) / all;
}
