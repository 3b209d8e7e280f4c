/** Every long-lived object of a server, built in one place and closed in the opposite order. */
import type { Logger } from 'pino';
import { type Clock, systemClock } from './base/clock.ts';
import type { Config } from './config.ts';
import type { Farewell } from './rest/net/connections.ts';
import { type Database, StoreUnavailable } from './db/database.ts';
import type { Patience } from './rest/net/listeners.ts';
import { createLog } from './base/log.ts';
import { ListWalks } from './messenger/recent/list-walks.ts';
import { createMessenger, type Messenger } from './messenger/messenger.ts';
import { RecentCache } from './messenger/recent/recent-cache.ts';
import type { RowCheck } from './messenger/recent/recent-window.ts';
import type { Settings } from './portal/settings.ts';
import { recentItemShape } from './messenger/views/recent-item.ts';
import { type AppContext, methods } from './methods/index.ts';
import { Metrics } from './base/metrics.ts';
import { OutageLog } from './outages.ts';
import { TokenAuthenticator } from './identity/authenticator.ts';
import { toPolicy } from './portal/policy.ts';
import { Presence } from './identity/presence.ts';
import { Rehearsals } from './portal/rehearsals.ts';
import { WebhookAuthenticator } from './identity/webhooks.ts';
import type { DispatchOptions, PortalState } from './rest/pipeline.ts';
import { Registry } from './rest/method.ts';
import type { ErrorDeclaration } from './base/declared-error.ts';
import { OperatingTime } from './rest/operating-time.ts';
import { LeakyBuckets } from './base/rate-limit.ts';
import { errorByCode, systemErrors } from './rest/system-errors.ts';
import { Timeline } from './base/timeline.ts';

export interface Context extends AsyncDisposable {
  config: Config;
  clock: Clock;
  log: Logger;
  db: Database;
  messenger: Messenger;
  metrics: Metrics;
  dispatch: DispatchOptions<AppContext>;
}

/** What a test may put in place of the real thing. */
export interface Overrides {
  clock?: Clock;
  log?: Logger;
  /** Gives a store in front of the real one, which may hold a statement and so force a race. */
  store?: (store: Database) => Database;
  /** How long connections may do nothing. */
  patience?: Partial<Patience>;
  /** How long a stop waits for connections. */
  farewell?: Partial<Farewell>;
}

/** Builds everything on an open store, which the context closes in the end. */
export function createContext(config: Config, db: Database, overrides: Overrides = {}, order?: Timeline): Context {
  const clock = overrides.clock ?? systemClock();
  const timeline = order ?? new Timeline(clock);
  const log = overrides.log ?? createLog(config.logLevel);
  const checkResults = process.env['NODE_ENV'] !== 'production';
  const messenger = createMessenger(db, clock, {
    timeline,
    unpresentable: (fault, what) => log.error({ err: fault, ...what }, 'left out of an answer, as it cannot be presented'),
  });
  const webhooks = new WebhookAuthenticator(db);
  const tokens = new TokenAuthenticator(db, clock);
  const check: RowCheck = checkResults ? (row) => void recentItemShape.parse(row) : () => {};
  const cache = new RecentCache(messenger, check, config.cacheMb * 1024 * 1024);
  const metrics = new Metrics(() => db.retries);
  metrics.watchLists(cache);
  const outages = new OutageLog(log, clock);
  const presence = new Presence(db, clock, (fault) => {
    if (fault instanceof StoreUnavailable) outages.met(fault, { work: 'presence' });
    else log.error({ err: fault }, 'could not record who was active');
  });
  const registry = new Registry<AppContext>(methods);
  const rehearsals = new Rehearsals(db, (code, method) => errorByCode(code, registry.find(method)?.errors), (call) => log.warn(call, 'rehearsed'));
  const app: AppContext = { messenger, cache, walks: new ListWalks(), check, methods: () => registry.all() };
  return {
    config,
    clock,
    log,
    db,
    messenger,
    metrics,
    dispatch: {
      registry,
      contextOf: ({ application }) => (application && application.hops < messenger.hops ? withHops(app, application.hops) : app),
      authenticator: { webhook: (user, code) => webhooks.find(user, code), token: (accessToken) => tokens.find(accessToken) },
      buckets: new LeakyBuckets(),
      operating: new OperatingTime(),
      begin: () => ({ date: timeline.told(), precise: clock.precise() }),
      preciseNow: () => clock.precise(),
      portal: portalState(messenger.settings),
      rehearse: (identity, method, inner) => rehearsals.rehearse(identity, method, inner),
      checkResults,
      onCall: (identity) => presence.seen(identity),
      onFault: (method, fault) => explain(log, outages, method, fault),
    },
    async [Symbol.asyncDispose]() {
      await presence.close();
      await db.close();
    },
  };
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

/** Whatever a handler does with the token of an event brings the end of a chain of events nearer. */
function withHops(app: AppContext, hops: number): AppContext {
  return { ...app, messenger: { ...app.messenger, hops } };
}

/** What the pipeline asks for at every call; made anew only when something was set. */
function portalState(settings: () => Promise<Settings>): () => Promise<PortalState> {
  let from: Settings | undefined;
  let known: PortalState | undefined;
  return async () => {
    const current = await settings();
    if (known && from === current) return known;
    from = current;
    known = { ...toPolicy(current.values), parseDate: (text) => current.zone.parse(text), atom: (ms) => current.zone.atom(ms) };
    return known;
  };
}
