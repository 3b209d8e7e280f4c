import { type Clock, isAlive } from '../base/clock.ts';
import type { Database } from '../db/database.ts';
import { type AccessRow, findAccess } from '../db/stores/oauth-store.ts';
import { IdentityCache } from './identity-cache.ts';
import { hashSecret } from '../base/secrets.ts';
import { commonScopes } from './webhooks.ts';
import type { Identity } from '../base/caller.ts';
import { mayUse } from './applications.ts';

type TokenIdentity = Identity & Required<Pick<Identity, 'token' | 'application'>>;

/** Says what access tokens stand for. */
export class TokenAuthenticator {
  readonly #clock: Clock;
  readonly #identities: IdentityCache<TokenIdentity>;

  constructor(db: Database, clock: Clock) {
    this.#clock = clock;
    this.#identities = new IdentityCache(db);
  }

  /** Undefined for a token that was never issued, or so long ago that it is no longer known. */
  async find(accessToken: string): Promise<Identity | undefined> {
    const accessHash = hashSecret(accessToken);
    const known = await this.#identities.find(accessHash, async (s) => {
      const row = await findAccess(s, accessHash);
      return row && toIdentity(row);
    });
    if (!known) return undefined;
    const { expiresAt, issuedAt } = known.application;
    const expired = !isAlive(expiresAt, expiresAt - issuedAt, this.#clock.now());
    return expired ? { ...known, token: { ...known.token, expired } } : known;
  }
}

/** As long as the token has not expired. */
function toIdentity(row: AccessRow): TokenIdentity {
  const admin = row.admin === 1;
  return {
    userId: row.user_id,
    admin,
    scopes: commonScopes(row.scope, row.app_scope),
    webhookId: 0,
    held: row.held === 1,
    inactive: row.user_active !== 1,
    application: {
      id: row.app_id, clientId: row.client_id, issuedAt: row.created_at, expiresAt: row.expires_at, hops: row.hops, grantId: row.grant_id,
      refreshable: row.refreshable === 1,
    },
    token: {
      expired: false,
      withoutApplication: row.app_active !== 1,
      restricted: !mayUse(row, { id: row.user_id, admin: admin ? 1 : 0 }),
    },
  };
}
