/** What `GET /metrics` tells of the server besides its calls: looked at whenever somebody asks. */
import { stat, statfs } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from './base/clock.ts';
import type { Metrics } from './base/metrics.ts';
import type { Database } from './db/database.ts';
import { oldestDue } from './db/stores/delivery-store.ts';
import type { Live } from './delivery/live/live.ts';
import type { PushCounts } from './push/routes.ts';

export interface Vital {
  db: Database;
  clock: Clock;
  version: string;
  connections: { readonly size: number; readonly limit: number };
  /** The data folder, and the database file where it lies in it. */
  folder: { path: string; database: string };
  /** When the certificate ends, milliseconds since 1970. */
  certificateEnds(): number;
}

/** A store that says nothing for this long is down, as far as whoever watches is concerned. */
const PATIENCE_MS = 1000;

export function watchVitals(metrics: Metrics, { db, clock, version, connections, folder, certificateEnds }: Vital): void {
  metrics.info('tidemark_info', 'What runs here', { version, engine: db.engine });
  metrics.gauge('tidemark_connections', 'Open connections', () => connections.size);
  metrics.gauge('tidemark_connections_limit', 'Connections that may be open at once (--max-connections)', () => connections.limit);
  metrics.gauge('tidemark_store_up', 'Whether the database answers', async () => Number(await answers(db)));
  metrics.gauge('tidemark_event_delay_seconds', 'For how long the event has been due that waits longest for its handler', () => eventDelay(db, clock));
  metrics.gauge('tidemark_data_free_bytes', 'Room on the file system of the data folder', () => freeBytes(folder.path));
  metrics.gauge('tidemark_certificate_expiry_timestamp_seconds', 'When the certificate ends', () => certificateEnds() / 1000);
  if (db.engine !== 'sqlite') return;
  metrics.gauge('tidemark_database_bytes', 'Size of the database file', () => sizeOf(folder.database));
  metrics.gauge('tidemark_database_log_bytes', 'Size of the write-ahead log', () => sizeOf(`${folder.database}-wal`));
}

async function answers(db: Database): Promise<boolean> {
  const asked = db.ping().then(() => true, () => false);
  return Promise.race([asked, sleep(PATIENCE_MS, false, { ref: false })]);
}

/** Unknown while the store does not answer. */
async function eventDelay(db: Database, clock: Clock): Promise<number> {
  const now = clock.now();
  const due = db.read((s) => oldestDue(s, now)).then((at) => (at === undefined ? 0 : (now - at) / 1000));
  return Promise.race([due, sleep(PATIENCE_MS, NaN, { ref: false })]);
}

async function freeBytes(path: string): Promise<number> {
  const { bavail, bsize } = await statfs(path);
  return bavail * bsize;
}

async function sizeOf(file: string): Promise<number> {
  return (await stat(file)).size;
}

/** What is told at once, and to whom. @returns what whoever tells counts with */
export function watchPush(metrics: Metrics, live: Live): PushCounts {
  const counts = { sent: 0, dropped: 0 };
  metrics.gauge('tidemark_push_streams', 'Open streams: who is told at once', () => live.counts.listeners);
  metrics.gauge('tidemark_push_waiting', 'Streams that have come back and wait for their turn to be told what they have missed', () => live.counts.waiting);
  metrics.gauge('tidemark_push_users', 'Users who have any', () => live.counts.users);
  metrics.gauge('tidemark_push_lag_ms', 'Milliseconds from the commit of what was told last until it was told', () => live.counts.lag);
  metrics.gauge('tidemark_push_events', 'Events that were sent, since the start', () => counts.sent);
  metrics.gauge('tidemark_push_dropped', 'Streams that were given up because they were not read, since the start', () => counts.dropped);
  return counts;
}
