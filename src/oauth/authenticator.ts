import type { Clock } from '../clock.ts';
import type { Database } from '../db/database.ts';
import { type AccessRow, findAccess } from '../db/oauth-store.ts';
import { hashSecret } from '../portal/secrets.ts';
import { scopeSet } from '../portal/webhooks.ts';
import type { Identity } from '../rest/auth.ts';
import { mayUse } from './applications.ts';

/** Tokens that are remembered; beyond it all are looked up again. */
const REMEMBERED = 10_000;

type TokenIdentity = Identity & Required<Pick<Identity, 'token' | 'application'>>;

/** Says what access tokens stand for; remembers it while no other process can have changed it. */
export class TokenAuthenticator {
  readonly #db: Database;
  readonly #clock: Clock;
  readonly #known = new Map<string, TokenIdentity>();
  /** Grows whenever something is forgotten. */
  #version = 0;

  constructor(db: Database, clock: Clock) {
    this.#db = db;
    this.#clock = clock;
    db.onCommit((touched) => {
      if (touched.everything || touched.users.size > 0) this.#forget(touched.everything ? undefined : touched.users);
    });
  }

  /** Undefined for a token that was never issued, or so long ago that it is no longer known. */
  async find(accessToken: string): Promise<Identity | undefined> {
    const accessHash = hashSecret(accessToken);
    const known = (this.#db.trustsOwnCommits() ? this.#known.get(accessHash) : undefined) ?? (await this.#lookUp(accessHash));
    if (!known) return undefined;
    const expired = known.application.expiresAt <= this.#clock.now();
    return expired ? { ...known, token: { ...known.token, expired } } : known;
  }

  async #lookUp(accessHash: string): Promise<TokenIdentity | undefined> {
    const version = this.#version;
    const row = await this.#db.read((s) => findAccess(s, accessHash));
    const identity = row && toIdentity(row);
    // What was read before a commit must not be remembered after it.
    if (identity && this.#db.trustsOwnCommits() && version === this.#version) this.#remember(accessHash, identity);
    return identity;
  }

  #remember(accessHash: string, identity: TokenIdentity): void {
    if (this.#known.size >= REMEMBERED) this.#known.clear();
    this.#known.set(accessHash, identity);
  }

  #forget(userIds: ReadonlySet<number> | undefined): void {
    this.#version += 1;
    for (const [accessHash, identity] of this.#known) {
      if (!userIds || userIds.has(identity.userId)) this.#known.delete(accessHash);
    }
  }
}

/** As long as the token has not expired. */
function toIdentity(row: AccessRow): TokenIdentity {
  const admin = row.admin === 1;
  return {
    userId: row.user_id,
    admin,
    scopes: scopeSet(row.scope),
    webhookId: 0,
    held: row.held === 1,
    inactive: row.user_active !== 1,
    application: { id: row.app_id, clientId: row.client_id, expiresAt: row.expires_at, hops: row.hops },
    token: {
      expired: false,
      withoutApplication: row.app_active !== 1,
      restricted: !mayUse(row, { id: row.user_id, admin: admin ? 1 : 0 }),
    },
  };
}
