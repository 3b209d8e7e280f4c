import type { Credentials, Identity } from '../base/caller.ts';
import { type Clock, isAlive } from '../base/clock.ts';
import { hashSecret } from '../base/secrets.ts';
import type { Database } from '../db/database.ts';
import { callerByToken, callerByWebhook, type TokenCaller, type WebhookCaller } from '../db/stores/caller-store.ts';
import { mayUse } from './applications.ts';
import { IdentityCache, type Sought } from './identity-cache.ts';
import { commonScopes, scopeSet } from './webhooks.ts';

type TokenIdentity = Identity & Required<Pick<Identity, 'token' | 'application'>>;

/** Says whom credentials stand for: with one statement, or none where it is remembered. */
export class Callers {
  readonly #db: Database;
  readonly #clock: Clock;
  readonly #byWebhook: IdentityCache<Identity>;
  readonly #byToken: IdentityCache<TokenIdentity>;

  constructor(db: Database, clock: Clock) {
    this.#db = db;
    this.#clock = clock;
    this.#byWebhook = new IdentityCache(db);
    this.#byToken = new IdentityCache(db);
  }

  /** Nobody for what was never issued, or so long ago that it is no longer known. */
  find(credentials: Credentials): Promise<Sought> {
    return credentials.kind === 'token' ? this.#ofToken(credentials.token) : this.#ofWebhook(credentials.user, credentials.code);
  }

  /** Nobody when the code is unknown, switched off, or another user's. */
  async #ofWebhook(user: string, code: string): Promise<Sought> {
    const codeHash = hashSecret(code);
    const { identity, version } = await this.#byWebhook.find(codeHash, async () => {
      const row = (await this.#db.all(callerByWebhook, { codeHash }))[0]!;
      return { identity: row.id === null ? undefined : ofWebhook(row as WebhookCaller), version: row.version ?? 0 };
    });
    return { identity: user === String(identity?.userId) ? identity : undefined, version };
  }

  async #ofToken(accessToken: string): Promise<Sought> {
    const accessHash = hashSecret(accessToken);
    const { identity, version } = await this.#byToken.find(accessHash, async () => {
      const row = (await this.#db.all(callerByToken, { accessHash }))[0]!;
      return { identity: row.client_id === null ? undefined : ofToken(row as TokenCaller), version: row.version ?? 0 };
    });
    return { identity: identity && this.#asOfNow(identity), version };
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

/** As long as the token has not expired. */
function ofToken(row: TokenCaller): TokenIdentity {
  const user = ofUser(row);
  return {
    ...user,
    scopes: commonScopes(row.scope, row.app_scope),
    webhookId: 0,
    held: row.held === 1,
    application: {
      id: row.app_id, clientId: row.client_id, issuedAt: row.created_at, expiresAt: row.expires_at, hops: row.hops, grantId: row.grant_id,
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
function ofUser(row: WebhookCaller | TokenCaller): Pick<Identity, 'userId' | 'admin' | 'insider' | 'inactive'> {
  return { userId: row.user_id, admin: row.admin === 1, insider: row.extranet === 0, inactive: row.user_active !== 1 };
}
