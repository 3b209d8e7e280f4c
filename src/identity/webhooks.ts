import type { Clock } from '../base/clock.ts';
import type { Database, Session } from '../db/database.ts';
import { countWebhooks, deleteWebhook, findWebhook, findWebhookById, holdWebhook, insertWebhook, listWebhooks, type WebhookRow } from '../db/stores/portal-store.ts';
import { findUser } from '../db/stores/user-store.ts';
import { hashSecret, randomText } from '../base/secrets.ts';

/** What an application may be granted. */
export const APPLICATION_SCOPES = [
  'im', 'imbot', 'imopenlines', 'imconnector', 'user', 'user_basic', 'user_brief', 'user.userfield', 'department',
  'disk', 'mobile', 'placement', 'pull', 'pull_channel',
] as const;

/** Opens what administrators do to the portal itself, to them alone and to no application. */
export const ADMIN_SCOPE = 'tidemark.admin';

/** Every scope there is to grant. */
export const SCOPES = [...APPLICATION_SCOPES, ADMIN_SCOPE] as const;

/** The first of some codes that is none of those there are. */
export function unknownScope(codes: readonly string[], known: readonly string[] = SCOPES): string | undefined {
  return codes.find((code) => !known.includes(code));
}

/** The codes of a comma-separated list. */
export function scopeSet(scope: string): ReadonlySet<string> {
  const known = scopeSets.get(scope);
  if (known) return known;
  const codes: ReadonlySet<string> = new Set(scope.split(',').filter((code) => code !== ''));
  if (scopeSets.size >= REMEMBERED) scopeSets.clear();
  scopeSets.set(scope, codes);
  return codes;
}

/** Most are given again and again. */
const scopeSets = new Map<string, ReadonlySet<string>>();
const REMEMBERED = 1000;

/** The codes of a comma-separated list that another one has too. */
export function commonScopes(scope: string, other: string): Set<string> {
  const others = scopeSet(other);
  return new Set([...scopeSet(scope)].filter((code) => others.has(code)));
}

const CODE_LENGTH = 32;

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
  const code = randomText(CODE_LENGTH);
  const id = await db.write(async (s) => {
    if (!(await findUser(s, webhook.userId))) return undefined;
    return insertWebhook(s, {
      user_id: webhook.userId,
      code_hash: hashSecret(code),
      scope: webhook.scopes.join(','),
      title: webhook.title,
      active: 1,
      held: 0,
      created_at: clock.now(),
      last_used_at: 0,
    });
  });
  return id === undefined ? undefined : { id, code };
}

/** What an administrator may do to a webhook. */
export type WebhookChange = { held: boolean } | { removed: true };

/**
 * Blocks a webhook, releases it, or ends it for good.
 *
 * @param name its address, code or id
 * @returns the webhook as it was; undefined when there is none
 */
export function changeWebhook(db: Database, name: string, change: WebhookChange): Promise<WebhookRow | undefined> {
  return db.write(async (s) => {
    const row = await webhookNamed(s, name);
    if (!row) return undefined;
    if ('removed' in change) await deleteWebhook(s, row.id);
    else await holdWebhook(s, row.id, change.held ? 1 : 0);
    return row;
  });
}

/** The newest webhooks without those passed over, and how many there are. */
export function webhookPage(db: Database, offset: number, limit: number): Promise<{ rows: WebhookRow[]; total: number }> {
  return db.read(async (s) => ({ rows: await listWebhooks(s, limit, offset), total: await countWebhooks(s) }));
}

/** The webhook that an id, a code or an address names. */
export function webhookNamed(s: Session, name: string): Promise<WebhookRow | undefined> {
  if (/^\d{1,15}$/.test(name)) return findWebhookById(s, Number(name));
  const code = /\/rest\/+\d+\/+([^/]+)/.exec(name)?.[1] ?? name;
  return findWebhook(s, hashSecret(code));
}
