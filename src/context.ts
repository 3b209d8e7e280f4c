/** Every long-lived object of a server, built in one place and closed in the opposite order. */
import type { Logger } from 'pino';
import type { Clock } from './base/clock.ts';
import { durationText, type MovableClock } from './base/movable-clock.ts';
import { movedBy } from './portal/moving-clock.ts';
import type { Blobs } from './blobs/blobs.ts';
import type { Config } from './config.ts';
import type { Farewell } from './rest/net/connections.ts';
import { type Database, StoreUnavailable } from './db/database.ts';
import { uncompressed } from './rest/net/compression.ts';
import type { PullPatience } from './push/vendor/routes.ts';
import type { Patience } from './rest/net/listeners.ts';
import { createLog } from './base/log.ts';
import { createMessenger, type Messenger } from './messenger/messenger.ts';
import type { KeptLimits } from './messenger/recent/kept-rows.ts';
import { RecentCache } from './messenger/recent/recent-cache.ts';
import type { RowCheck } from './messenger/recent/recent-window.ts';
import { Entrance } from './entrance.ts';
import { WalkedPages } from './messenger/recent/walked-pages.ts';
import { recentItemShape } from './messenger/views/recent-item.ts';
import { type AppContext, LOOKING, methods } from './methods/index.ts';
import { meantBy } from './methods/meant.ts';
import { Generations } from './messenger/recent/sync-token.ts';
import { Waits } from './messenger/recent/waits.ts';
import { Figures } from './base/figures.ts';
import { Metrics } from './base/metrics.ts';
import { sampling } from './sampling.ts';
import { Live } from './delivery/live/live.ts';
import { Previewer } from './delivery/previews/previewer.ts';
import { DueWriter } from './messenger/due.ts';
import { Folding, type FoldingMode } from './db/folding.ts';
import { Indexing, type IndexingMode } from './db/indexing.ts';
import { observed } from './db/observed.ts';
import { OutageLog } from './outages.ts';
import { Callers } from './identity/callers.ts';
import { Presence } from './identity/presence.ts';
import { Rehearsals } from './portal/rehearsals.ts';
import { CallLog } from './rest/call-log.ts';
import { currentTrace } from './base/call-trace.ts';
import type { DispatchOptions } from './rest/pipeline.ts';
import { Registry } from './rest/method.ts';
import type { ErrorDeclaration } from './base/declared-error.ts';
import { OperatingTime } from './rest/operating-time.ts';
import { LeakyBuckets, type Limits } from './base/rate-limit.ts';
import { Wakes } from './db/wakes/wakes.ts';
import type { Redis } from './nodes/redis.ts';
import { SharedLimits } from './nodes/shared-limits.ts';
import { SharedOperatingTime } from './nodes/shared-operating-time.ts';
import { SharedPresence } from './nodes/shared-presence.ts';
import { errorByCode, systemErrors } from './rest/system-errors.ts';
import { onTimeline } from './db/ordered.ts';
import type { Timeline } from './base/timeline.ts';

export interface Context extends AsyncDisposable {
  config: Config;
  clock: MovableClock;
  log: Logger;
  db: Database;
  blobs: Blobs;
  folding: Folding;
  indexing: Indexing;
  messenger: Messenger;
  metrics: Metrics;
  waits: Waits;
  live: Live;
  /** How long connections of the vendor's protocol do nothing. */
  pull: PullPatience;
  previews: Previewer;
  dispatch: DispatchOptions<AppContext>;
  /** Buckets of a purpose. */
  limits(kind: string): Limits;
  /** What all tokens that clients sync with are made with. */
  generations: Generations;
  /** Meets the other nodes on the same database, once there is a portal. */
  join(): Promise<void>;
}

/** What a test may put in place of the real thing. */
export interface Overrides {
  clock?: Clock;
  log?: Logger;
  /** Gives a store in front of the real one, which may hold a statement and so force a race. */
  store?: (store: Database) => Database;
  /** Gives a store of files in front of the real one. */
  blobs?: (blobs: Blobs) => Blobs;
  /** When what happened in chats moves into their members' rows. */
  folding?: FoldingMode;
  /** When messages get into the index by which they are found. */
  indexing?: IndexingMode;
  /** How much of a list is kept in memory. */
  kept?: KeptLimits;
  /** Which addresses links may lead to for a preview of them. */
  reachable?: (address: string) => boolean;
  /** How long connections may do nothing. */
  patience?: Partial<Patience>;
  /** How long a stop waits for connections. */
  farewell?: Partial<Farewell>;
  /** How long connections of the vendor's protocol do nothing. */
  pull?: PullPatience;
}

/** What a server has besides its store. */
export interface Companions {
  clock: MovableClock;
  timeline: Timeline;
  /** Names this process among those that share the store. */
  node: string;
  /** Where the bytes of files lie; the context closes it. */
  blobs: Blobs;
  /** Of the listener that speaks TLS. */
  secureOrigin: string;
  redis?: Redis | undefined;
}

/** Builds everything on an open store, which the context closes in the end. */
export function createContext(config: Config, store: Database, overrides: Overrides, { clock, timeline, node, blobs, secureOrigin, redis }: Companions): Context {
  const metrics = new Metrics(store);
  const log = overrides.log ?? createLog(config.logLevel, config.node);
  const seen = observed(store, metrics);
  const folding = new Folding(seen, overrides.folding ?? 'quiet', () => clock.now(), (fault) => log.error({ err: fault }, 'could not fold what is warm'));
  const indexing = new Indexing(seen, overrides.indexing ?? 'quiet', node, () => clock.now(), (fault) => log.error({ err: fault }, 'could not index what was said'));
  // Folding and indexing give out no dates: they are beside the timeline.
  const db = onTimeline(folding.db, timeline, node);
  const checkResults = process.env['NODE_ENV'] !== 'production';
  const wakes = new Wakes({
    onFault: (fault) => log.error({ err: fault }, 'somebody who waits for changes failed'),
    onLost: (fault) => log.warn({ why: (fault as Error).message }, 'the other nodes are not heard: what they change is noticed later'),
  });
  const messenger = createMessenger(db, clock, {
    timeline,
    wakes,
    backlog: uncompressed,
    settled: (values) => clock.follow(movedBy(values)),
    unpresentable: (fault, what) => log.error({ err: fault, ...what }, 'left out of an answer, as it cannot be presented'),
  });
  const check: RowCheck = checkResults ? (row) => void recentItemShape.parse(row) : () => {};
  const cache = new RecentCache(messenger, check, config.cacheMb * 1024 * 1024, overrides.kept);
  const waits = new Waits(db);
  wakes.subscribe((wake) => waits.wake(wake));
  metrics.watchLists(cache);
  watchNodes(metrics, config.node, wakes, redis);
  const outages = new OutageLog(log, clock);
  const failed = (work: string, what: string) => (fault: unknown) => {
    if (fault instanceof StoreUnavailable) outages.met(fault, { work });
    else log.error({ err: fault }, what);
  };
  const presence = new Presence(db, clock, failed('presence', 'could not record who was active'), redis && new SharedPresence(redis, clock));
  const live = new Live({ m: messenger, log, onPresent: (userId) => presence.seen({ userId, webhookId: 0 }) });
  const due = new DueWriter(messenger, failed('due', 'could not write down what has come due'));
  watchClock(metrics, log, clock);
  // Nothing waits for a timer that went by the clock as it was.
  clock.onMove(() => void due.pending());
  const previews = new Previewer(messenger, failed('previews', 'could not preview a link'), overrides.reachable);
  const limits = (kind: string) => (redis ? new SharedLimits(redis, clock, kind) : new LeakyBuckets());
  const registry = new Registry<AppContext>(methods, meantBy);
  const rehearsals = new Rehearsals(db, (code, method) => errorByCode(code, registry.find(method)?.errors), (call) => log.warn(call, 'rehearsed'));
  const calls = new CallLog(() => clock.now(), LOOKING);
  const figures = new Figures(sampling({ metrics, cache, db, clock, calls, live }));
  const generations = new Generations();
  const app: AppContext = {
    messenger, blobs, cache, walks: new WalkedPages(messenger), generations, waits, live, check, secureOrigin, calls, node: config.node, figures, methods: () => registry.all(),
  };
  const entrance = new Entrance(db, new Callers(db, clock), app, rehearsals, (policy) => calls.switch(policy.calls ?? checkResults));
  return {
    config,
    clock,
    log,
    db,
    blobs,
    folding,
    indexing,
    messenger,
    waits,
    live,
    pull: overrides.pull ?? {},
    previews,
    metrics,
    dispatch: {
      registry,
      contextOf: (identity, portal, connector) => entrance.contextOf(identity, portal, connector),
      limits: limits('calls'),
      operating: redis ? new SharedOperatingTime(redis, clock) : new OperatingTime(),
      repeats: { callers: new WeakMap(), admitted: 0, calls: new Map(), answered: 0, verbatim: 0 },
      calls,
      standing: () => entrance.standing(),
      begin: () => ({ date: timeline.told(), precise: clock.precise() }),
      // Nobody else may have dated anything by an embedded store's clock: there the mark may follow.
      pending: () => due.pending() ?? (db.engine === 'postgres' ? timeline.reserved() : undefined),
      preciseNow: () => clock.precise(),
      portal: () => entrance.portal(),
      knownPortal: () => entrance.known(),
      enter: (credentials, method) => entrance.enter(credentials, method),
      isStill: (state) => entrance.isStill(state),
      rehearse: (identity, method, inner, { version }) => rehearsals.rehearse(identity, method, inner, version),
      checkResults,
      onCall: (identity) => presence.seen(identity),
      onFault: (method, fault) => {
        const trace = currentTrace();
        if (trace) trace.fault = (fault as Error).message;
        if (!(fault instanceof StoreUnavailable)) metrics.fault();
        return explain(log, outages, method, fault);
      },
    },
    limits,
    generations,
    async join() {
      const { memberId } = await messenger.settings();
      redis?.join(memberId);
      // Two processes on one file notice each other's commits by themselves.
      if (db.engine === 'postgres') wakes.join(redis?.line() ?? (await import('./db/engines/postgres-line.ts')).notifyLine(config.databaseUrl));
    },
    async [Symbol.asyncDispose]() {
      figures.stop();
      await previews[Symbol.asyncDispose]();
      await due.close();
      await presence.close();
      await folding.close();
      await indexing.close();
      await wakes.close();
      await redis?.[Symbol.asyncDispose]();
      await blobs[Symbol.asyncDispose]();
      await db.close();
    },
  };
}

/** A clock that is moved is never so in silence. */
function watchClock(metrics: Metrics, log: Logger, clock: MovableClock): void {
  metrics.gauge('tidemark_clock_moved_seconds', "The portal's time of day less the machine's, where it may be moved (tidemark clock)", () => clock.offset / 1000);
  const warn = () => log.warn({ offsetMs: clock.offset }, clock.offset === 0 ? 'the clock is the machine\'s again' : `the clock is moved by ${durationText(clock.offset)}`);
  if (clock.offset !== 0) warn();
  clock.onMove(warn);
}

function watchNodes(metrics: Metrics, node: string, wakes: Wakes, redis: Redis | undefined): void {
  metrics.info('tidemark_node_info', 'The node that these figures are of (--node); always 1', { node });
  metrics.gauge('tidemark_wakes_connected', 'Whether the other nodes are heard at once; 0 also where there is one node only', () => Number(wakes.connected));
  metrics.gauge('tidemark_wakes_sent', 'Messages that woke other nodes, since the start', () => wakes.counts.sent);
  metrics.gauge('tidemark_wakes_heard', 'Messages of other nodes, since the start', () => wakes.counts.heard);
  if (!redis) return;
  metrics.gauge('tidemark_redis_up', 'Whether Redis answers in time; while it is 0 limits are each node\'s own', () => Number(redis.answers));
  metrics.gauge('tidemark_redis_missed', 'Questions that Redis did not answer in time, since the start', () => redis.missed);
}

const UNAVAILABLE = {
  busy: systemErrors.storageBusy, away: systemErrors.storageAway, full: systemErrors.storageFull, uncertain: systemErrors.storageUncertain,
} as const;

/** Trouble that passes by itself is told apart from what is wrong with the server. */
function explain(log: Logger, outages: OutageLog, method: string, fault: unknown): ErrorDeclaration {
  if (fault instanceof StoreUnavailable) {
    outages.met(fault, { method });
    return UNAVAILABLE[fault.reason];
  }
  log.error({ err: fault, method }, 'a call failed');
  return systemErrors.internal;
}
