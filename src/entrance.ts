/** Whom a call is let in as, and what the portal is like at that moment. */
import type { Credentials, Identity } from './base/caller.ts';
import type { Database } from './db/database.ts';
import type { Callers } from './identity/callers.ts';
import type { Messenger } from './messenger/messenger.ts';
import type { AppContext } from './methods/index.ts';
import { toPolicy } from './portal/policy.ts';
import type { Settings } from './portal/settings.ts';
import type { PortalState } from './rest/pipeline.ts';

/** The portal during a call: nothing in it reads the settings again. */
interface State extends PortalState {
  settings: Settings;
  app: AppContext;
}

/**
 * On PostgreSQL one statement says who calls and whether the settings that are known still stand; on SQLite both are
 * known until somebody changes them.
 */
export class Entrance {
  readonly #db: Database;
  readonly #callers: Callers;
  readonly #app: AppContext;
  #known: State | undefined;

  constructor(db: Database, callers: Callers, app: AppContext) {
    this.#db = db;
    this.#callers = callers;
    this.#app = app;
  }

  async portal(): Promise<State> {
    return this.#stateOf(await this.#app.messenger.settings(), undefined);
  }

  /** Only where asking would cost a statement. */
  known(): PortalState | undefined {
    return this.#db.trustsOwnCommits() ? undefined : this.#known;
  }

  async enter(credentials: Credentials | undefined): Promise<{ portal: State; identity: Identity | undefined }> {
    const { identity, version } = credentials ? await this.#callers.find(credentials) : { identity: undefined, version: undefined };
    return { identity, portal: this.#stateOf(await this.#app.messenger.settings(version), version) };
  }

  /** Whatever a handler does with the token of an event brings the end of a chain of events nearer. */
  contextOf({ application }: Identity, portal: PortalState): AppContext {
    const { app } = portal as State;
    if (!application || application.hops >= app.messenger.hops) return app;
    return { ...app, messenger: { ...app.messenger, hops: application.hops } };
  }

  /** Made anew only when something was set. */
  #stateOf(settings: Settings, version: number | undefined): State {
    if (this.#known?.settings === settings && this.#known.version === version) return this.#known;
    const { zone, values } = settings;
    const messenger: Messenger = { ...this.#app.messenger, settings: async () => settings };
    this.#known = {
      ...toPolicy(values), settings, version, app: { ...this.#app, messenger }, parseDate: (text) => zone.parse(text), atom: (ms) => zone.atom(ms),
    };
    return this.#known;
  }
}
