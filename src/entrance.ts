/** Whom a call is let in as, and what the portal is like at that moment. */
import { type Credentials, type Identity, viaOf } from './base/caller.ts';
import type { Database } from './db/database.ts';
import { Stillness } from './db/stillness.ts';
import type { Callers } from './identity/callers.ts';
import type { Sought } from './identity/identity-cache.ts';
import type { Messenger } from './messenger/messenger.ts';
import type { AppContext } from './methods/index.ts';
import { type Policy, toPolicy } from './portal/policy.ts';
import type { Rehearsals } from './portal/rehearsals.ts';
import type { Settings } from './portal/settings.ts';
import type { PortalState, Standing } from './rest/pipeline.ts';

/** The portal during a call: nothing in it reads the settings again. */
interface State extends PortalState {
  settings: Settings;
  app: AppContext;
}

/** What decides who may call what, and how. */
const DECISIVE = ['credentials', 'settings', 'rehearsals'] as const;

/**
 * On PostgreSQL one statement says who calls and whether the settings that are known still stand; on SQLite both are
 * known until somebody changes them.
 */
export class Entrance {
  readonly #db: Database;
  readonly #callers: Callers;
  readonly #app: AppContext;
  readonly #rehearsals: Rehearsals;
  readonly #stillness: Stillness;
  readonly #onPolicy: (policy: Policy) => void;
  #known: State | undefined;
  #standing = 0;

  /** @param onPolicy told of what is set whenever that may have changed */
  constructor(db: Database, callers: Callers, app: AppContext, rehearsals: Rehearsals, onPolicy: (policy: Policy) => void) {
    this.#db = db;
    this.#stillness = new Stillness(db);
    this.#callers = callers;
    this.#app = app;
    this.#rehearsals = rehearsals;
    this.#onPolicy = onPolicy;
    db.onCommit((changes) => {
      if (changes.everything || changes.accounts.size > 0 || DECISIVE.some((what) => changes.has(what))) this.#standing += 1;
    });
  }

  /** See DispatchOptions. */
  standing(): Standing | undefined {
    // Asking may bring another process's commit to light, so it comes first.
    const standing = this.#db.trustsOwnCommits() ? this.#standing : 'asked';
    if (!this.#known) return undefined;
    const { rate, httpsRequired, operatingLimit, rehearsals } = this.#known;
    return rate || httpsRequired || operatingLimit !== undefined || (rehearsals && !this.#rehearsals.none) ? undefined : standing;
  }

  async portal(): Promise<State> {
    return this.#stateOf(await this.#app.messenger.settings(), undefined);
  }

  /** Only where asking would cost a statement. */
  known(): PortalState | undefined {
    return this.#db.trustsOwnCommits() ? undefined : this.#known;
  }

  async enter(credentials: Credentials | undefined, method: { ofList?: true } | undefined): Promise<{ portal: State; identity: Identity | undefined; state: string | undefined }> {
    const { cache } = this.#app;
    const known = method?.ofList && !this.#db.trustsOwnCommits() ? (userId: number) => cache.known(userId) : undefined;
    const { identity, version, state, changed }: Sought = credentials ? await this.#callers.find(credentials, known) : { identity: undefined, version: undefined };
    if (identity && changed) cache.told(identity, changed);
    const seen = state === undefined ? undefined : this.#stillness.saw(state);
    return { identity, state: seen, portal: this.#stateOf(await this.#app.messenger.settings(version), version) };
  }

  /** Whether nothing at all has been committed since; false without a look where that is not likely. */
  isStill(state: string): Promise<boolean> {
    return this.#stillness.since(state);
  }

  /** Whatever a handler does with the token of an event brings the end of a chain of events nearer. */
  contextOf({ application }: Identity, portal: PortalState, connector: string): AppContext {
    const { app } = portal as State;
    if (!application) return app;
    const hops = Math.min(application.hops, app.messenger.hops);
    return { ...app, messenger: { ...app.messenger, hops, via: viaOf(application.id, connector) } };
  }

  /** Made anew only when something was set. */
  #stateOf(settings: Settings, version: number | undefined): State {
    if (this.#known?.settings === settings && this.#known.version === version) return this.#known;
    const { zone, values } = settings;
    const messenger: Messenger = { ...this.#app.messenger, settings: async () => settings };
    const policy = toPolicy(values);
    this.#onPolicy(policy);
    this.#known = {
      ...policy, settings, version, app: { ...this.#app, messenger }, parseDate: (text) => zone.parse(text), atom: (ms) => zone.atom(ms),
    };
    return this.#known;
  }
}
