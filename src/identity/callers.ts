import { type Credentials, type Identity, sessionIdOf } from '../base/caller.ts';
import { type Clock, isAlive } from '../base/clock.ts';
import { SharedLook } from '../base/shared-look.ts';
import { hashSecret } from '../base/secrets.ts';
import type { Database } from '../db/database.ts';
import {
  callerBySession, callerBySessionWithChanges, callerByToken, callerByTokenWithChanges, callerByWebhook, callerByWebhookWithChanges, changesBeside, type SessionCaller,
  type TokenCaller, type WebhookCaller,
} from '../db/stores/caller-store.ts';
import { changesAfter, type ChangeQuery, FROM_THE_START } from '../db/stores/change-store.ts';
import { mayUse } from './applications.ts';
import { IdentityCache, type Sought } from './identity-cache.ts';
import { commonScopes, SCOPES, scopeSet } from './webhooks.ts';

interface Found<T extends Identity> {
  identity: T | undefined;
  version: number;
  state?: string;
  rows: readonly unknown[];
}

type SessionIdentity = Identity & Required<Pick<Identity, 'session'>>;
type TokenIdentity = Identity & Required<Pick<Identity, 'token' | 'application'>>;

/** What of a user's list is known, so that what has changed since is asked for together with who calls; undefined for nothing. */
export type KnownList = (userId: number) => { since: number; limit: number } | undefined;

const NOBODY: Sought = { identity: undefined, version: undefined };

/** Secrets of which is remembered whom they stood for. */
const REMEMBERED = 10_000;

/** Says whom credentials stand for: with one statement, or none where it is remembered. */
export class Callers {
  readonly #db: Database;
  readonly #clock: Clock;
  readonly #byWebhook: IdentityCache<Identity>;
  readonly #byToken: IdentityCache<TokenIdentity>;
  readonly #bySession: IdentityCache<SessionIdentity>;
  /** Whom secrets stood for when they were looked up last, by their hashes: only a guess what else may be worth asking. */
  readonly #users = new Map<string, number>();
  /** Look-ups under way, by what is asked. */
  readonly #looks = new Map<string, SharedLook<Sought>>();

  constructor(db: Database, clock: Clock) {
    this.#db = db;
    this.#clock = clock;
    this.#byWebhook = new IdentityCache(db);
    this.#byToken = new IdentityCache(db);
    this.#bySession = new IdentityCache(db);
  }

  /** Nobody for what was never issued, or so long ago that it is no longer known. */
  find(credentials: Credentials, known?: KnownList): Promise<Sought> {
    switch (credentials.kind) {
      case 'token': return this.#ofToken(hashSecret(credentials.token), known);
      case 'webhook': return this.#ofUsersWebhook(credentials.user, hashSecret(credentials.code), known);
      case 'session': return credentials.session === undefined ? Promise.resolve(NOBODY) : this.#ofSession(hashSecret(credentials.session), known);
      case 'hash': return this.#ofHash(credentials, known);
    }
  }

  #ofHash({ of, hash }: Extract<Credentials, { kind: 'hash' }>, known: KnownList | undefined): Promise<Sought> {
    if (of === 'session') return this.#ofSession(hash, known);
    return of === 'token' ? this.#ofToken(hash, known) : this.#ofWebhook(hash, known);
  }

  /** Nobody when the code is unknown, switched off, or another user's. */
  async #ofUsersWebhook(user: string, codeHash: string, known: KnownList | undefined): Promise<Sought> {
    const sought = await this.#ofWebhook(codeHash, known);
    return user === String(sought.identity?.userId) ? sought : { identity: undefined, version: sought.version };
  }

  #ofWebhook(codeHash: string, known: KnownList | undefined): Promise<Sought> {
    return this.#byWebhook.find(codeHash, () => this.#look(codeHash, known, async (changes) => {
      const rows = changes ? await this.#db.all(callerByWebhookWithChanges, { codeHash, ...changes }) : await this.#db.all(callerByWebhook, { codeHash });
      const row = rows[0]!;
      return { identity: row.id === null ? undefined : ofWebhook(row as WebhookCaller), version: row.version ?? 0, state: row.state, rows };
    }));
  }

  async #ofToken(accessHash: string, known: KnownList | undefined): Promise<Sought> {
    const sought = await this.#byToken.find(accessHash, () => this.#look(accessHash, known, async (changes) => {
      const rows = changes ? await this.#db.all(callerByTokenWithChanges, { accessHash, ...changes }) : await this.#db.all(callerByToken, { accessHash });
      const row = rows[0]!;
      return { identity: row.client_id === null ? undefined : ofToken(row as TokenCaller), version: row.version ?? 0, rows };
    }));
    return { ...sought, identity: sought.identity && this.#asOfNow(sought.identity) };
  }

  /** Nobody once the session has ended. */
  async #ofSession(sessionHash: string, known: KnownList | undefined): Promise<Sought> {
    const sought = await this.#bySession.find(sessionHash, () => this.#look(sessionHash, known, async (changes) => {
      const rows = changes ? await this.#db.all(callerBySessionWithChanges, { sessionHash, ...changes }) : await this.#db.all(callerBySession, { sessionHash });
      const row = rows[0]!;
      return { identity: row.user_id === null ? undefined : ofSession(row as SessionCaller, sessionHash), version: row.version ?? 0, rows };
    }));
    return { ...sought, identity: sought.identity && this.#isAlive(sought.identity) ? sought.identity : undefined };
  }

  #isAlive({ session }: SessionIdentity): boolean {
    return isAlive(session.expiresAt, session.expiresAt - session.createdAt, this.#clock.now());
  }

  /** Asks for the changes of a list as well where the secret stood for somebody of whose list something is known. */
  #look<T extends Identity>(secretHash: string, known: KnownList | undefined, ask: (changes: ChangeQuery | undefined) => Promise<Found<T>>): Promise<Sought<T>> {
    const userId = this.#users.get(secretHash);
    const list = userId === undefined ? undefined : known?.(userId);
    const key = `${secretHash} ${list?.since} ${list?.limit}`;
    const look = (this.#looks.get(key) ?? new SharedLook()) as SharedLook<Sought<T>>;
    this.#looks.set(key, look as SharedLook<Sought>);
    const asked = look.ask(async () => {
      const { identity, version, state, rows } = await ask(list && changesAfter(userId!, list.since, FROM_THE_START, list.limit));
      if (identity) this.#remember(secretHash, identity.userId);
      return { identity, version, state, changed: list && identity?.userId === userId ? changesBeside(rows as Parameters<typeof changesBeside>[0]) : undefined };
    });
    const forget = () => setImmediate(() => void (look.idle && this.#looks.delete(key)));
    asked.then(forget, forget);
    return asked;
  }

  #remember(secretHash: string, userId: number): void {
    if (this.#users.size >= REMEMBERED) this.#users.clear();
    this.#users.set(secretHash, userId);
  }

  #asOfNow(identity: TokenIdentity): Identity {
    const { expiresAt, issuedAt } = identity.application;
    const expired = !isAlive(expiresAt, expiresAt - issuedAt, this.#clock.now());
    return expired ? { ...identity, token: { ...identity.token, expired } } : identity;
  }
}

function ofWebhook(row: WebhookCaller): Identity {
  return { ...ofUser(row), scopes: scopeSet(row.scope), webhookId: row.id, held: row.held === 1 };
}

/** Whoever sits in front of one of our pages may do there all that they may do at all. */
const ALL_SCOPES: ReadonlySet<string> = new Set(SCOPES);

function ofSession(row: SessionCaller, hash: string): SessionIdentity {
  return { ...ofUser(row), scopes: ALL_SCOPES, webhookId: 0, held: false, sessionId: sessionIdOf(hash), session: { createdAt: row.created_at, expiresAt: row.expires_at } };
}

/** As long as the token has not expired. */
function ofToken(row: TokenCaller): TokenIdentity {
  const user = ofUser(row);
  return {
    ...user,
    scopes: commonScopes(row.scope, row.app_scope),
    webhookId: 0,
    held: row.held === 1,
    application: {
      id: row.app_id, clientId: row.client_id, tokenId: row.token_id, issuedAt: row.created_at, expiresAt: row.expires_at, hops: row.hops, grantId: row.grant_id,
      refreshable: row.refreshable === 1,
    },
    token: {
      expired: false,
      withoutApplication: row.app_active !== 1,
      restricted: !mayUse(row, { id: row.user_id, admin: user.admin ? 1 : 0 }),
    },
  };
}

/** Without a user there is nobody who could do anything. */
function ofUser(row: WebhookCaller | TokenCaller | SessionCaller): Pick<Identity, 'userId' | 'admin' | 'insider' | 'inactive'> {
  return { userId: row.user_id, admin: row.admin === 1, insider: row.extranet === 0, inactive: row.user_active !== 1 };
}
