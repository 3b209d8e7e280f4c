/** Every long-lived object of a server, built in one place and closed in the opposite order. */
import type { Logger } from 'pino';
import { type Clock, systemClock } from './clock.ts';
import type { Config } from './config.ts';
import type { Database } from './db/database.ts';
import { createLog } from './log.ts';
import type { Messenger } from './messenger/messenger.ts';
import { RecentCache } from './messenger/recent-cache.ts';
import type { RowCheck } from './messenger/recent-window.ts';
import { settingsReader } from './messenger/settings.ts';
import { type AppContext, methods, recentItemShape } from './methods/index.ts';
import { Metrics } from './metrics.ts';
import { Presence } from './portal/presence.ts';
import { WebhookAuthenticator } from './portal/webhooks.ts';
import type { DispatchOptions } from './rest/dispatch.ts';
import { Registry } from './rest/method.ts';

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
}

/** Builds everything on an open store, which the context closes in the end. */
export function createContext(config: Config, db: Database, overrides: Overrides = {}): Context {
  const clock = overrides.clock ?? systemClock();
  const log = overrides.log ?? createLog(config.logLevel);
  const checkResults = process.env['NODE_ENV'] !== 'production';
  const messenger: Messenger = { db, clock, settings: settingsReader(db) };
  const check: RowCheck = checkResults ? (row) => void recentItemShape.parse(row) : () => {};
  const cache = new RecentCache(messenger, check, config.cacheMb * 1024 * 1024);
  const metrics = new Metrics();
  const presence = new Presence(db, clock, (fault) => log.error({ err: fault }, 'could not record who was active'));
  const registry = new Registry<AppContext>(methods);
  const app: AppContext = { messenger, cache, check, methods: () => registry.all() };
  return {
    config,
    clock,
    log,
    db,
    messenger,
    metrics,
    dispatch: {
      registry,
      context: app,
      authenticator: new WebhookAuthenticator(db),
      preciseNow: () => clock.precise(),
      dates: async () => {
        const { zone } = await messenger.settings();
        return { parseDate: (text) => zone.parse(text), atom: (ms) => zone.atom(ms) };
      },
      checkResults,
      onCall: (identity) => presence.seen(identity),
      onFault: (method, fault) => log.error({ err: fault, method }, 'a call failed'),
    },
    async [Symbol.asyncDispose]() {
      await presence.close();
      await db.close();
    },
  };
}
