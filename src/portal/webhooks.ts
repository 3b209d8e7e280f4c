import { hash, randomInt } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { Database } from '../db/database.ts';
import { findWebhook, insertWebhook } from '../db/portal-store.ts';
import { findUser } from '../db/user-store.ts';
import type { Authenticator, Identity } from '../rest/auth.ts';

/** Every scope there is to grant. */
export const SCOPES = [
  'im', 'imbot', 'imopenlines', 'imconnector', 'user', 'user_basic', 'user_brief', 'user.userfield', 'department',
  'disk', 'mobile', 'placement', 'pull', 'pull_channel',
] as const;

const CODE_LENGTH = 32;
const CODE_ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789';
/** Verified codes that are kept; beyond it all are looked up again. */
const REMEMBERED = 10_000;

function newCode(): string {
  return Array.from({ length: CODE_LENGTH }, () => CODE_ALPHABET[randomInt(CODE_ALPHABET.length)]).join('');
}

/** A code has 165 random bits, so a plain fast hash cannot be reversed by guessing. */
function hashCode(code: string): string {
  return hash('sha256', code, 'hex');
}

/**
 * Makes a webhook for a user. The code is returned once; only its hash is stored.
 *
 * @returns undefined when there is no such user
 */
export async function addWebhook(
  db: Database,
  clock: Clock,
  webhook: { userId: number; scopes: readonly string[]; title: string },
): Promise<{ id: number; code: string } | undefined> {
  const code = newCode();
  const id = await db.write(async (s) => {
    if (!(await findUser(s, webhook.userId))) return undefined;
    return insertWebhook(s, {
      user_id: webhook.userId,
      code_hash: hashCode(code),
      scope: webhook.scopes.join(','),
      title: webhook.title,
      active: 1,
      created_at: clock.now(),
      last_used_at: 0,
    });
  });
  return id === undefined ? undefined : { id, code };
}

/** Verifies webhook codes against the store; remembers them while no other process can have changed it. */
export class WebhookAuthenticator implements Authenticator {
  readonly #db: Database;
  readonly #known = new Map<string, Identity>();

  constructor(db: Database) {
    this.#db = db;
    db.onCommit((touched) => {
      if (touched.everything || touched.users.size > 0) this.#forget(touched.everything ? undefined : touched.users);
    });
  }

  async webhook(user: string, code: string): Promise<Identity | 'unknown' | 'inactive'> {
    const codeHash = hashCode(code);
    const trusted = this.#db.trustsOwnCommits();
    const known = trusted ? this.#known.get(codeHash) : undefined;
    const identity = known ?? (await this.#lookUp(codeHash));
    if (typeof identity === 'string') return identity;
    if (user !== String(identity.userId)) return 'unknown';
    if (trusted && !known) this.#remember(codeHash, identity);
    return identity;
  }

  async #lookUp(codeHash: string): Promise<Identity | 'unknown' | 'inactive'> {
    return this.#db.read(async (s) => {
      const webhook = await findWebhook(s, codeHash);
      if (!webhook || webhook.active === 0) return 'unknown';
      const user = await findUser(s, webhook.user_id);
      if (!user || user.active === 0) return 'inactive';
      const scopes = new Set(webhook.scope.split(',').filter((scope) => scope !== ''));
      return { userId: user.id, admin: user.admin === 1, scopes, webhookId: webhook.id };
    });
  }

  #remember(codeHash: string, identity: Identity): void {
    if (this.#known.size >= REMEMBERED) this.#known.clear();
    this.#known.set(codeHash, identity);
  }

  #forget(userIds: ReadonlySet<number> | undefined): void {
    for (const [codeHash, identity] of this.#known) {
      if (!userIds || userIds.has(identity.userId)) this.#known.delete(codeHash);
    }
  }
}
