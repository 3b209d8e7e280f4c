import type { Clock } from '../base/clock.ts';
import type { Database, Session } from '../db/database.ts';
import { findWebhook, findWebhookById, insertWebhook, type WebhookRow } from '../db/stores/portal-store.ts';
import { findUser } from '../db/stores/user-store.ts';
import { hashSecret, randomText } from '../base/secrets.ts';

/** Every scope there is to grant. */
export const SCOPES = [
  'im', 'imbot', 'imopenlines', 'imconnector', 'user', 'user_basic', 'user_brief', 'user.userfield', 'department',
  'disk', 'mobile', 'placement', 'pull', 'pull_channel',
] as const;

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

/** The webhook that an id, a code or an address names. */
export function webhookNamed(s: Session, name: string): Promise<WebhookRow | undefined> {
  if (/^\d{1,15}$/.test(name)) return findWebhookById(s, Number(name));
  const code = /\/rest\/+\d+\/+([^/]+)/.exec(name)?.[1] ?? name;
  return findWebhook(s, hashSecret(code));
}
