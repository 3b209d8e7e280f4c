/** Who calls, by what the request carries. */
import { type Caller, MethodError } from './method.ts';
import type { Address } from './address.ts';
import { systemErrors } from './system-errors.ts';
import type { ValueMap } from './values.ts';

/** What a webhook's address and code stand for. */
export interface Identity extends Caller {
  webhookId: number;
}

/** Looks credentials up. */
export interface Authenticator {
  /** @returns why not: the code is unknown, or its user may no longer sign in */
  webhook(user: string, code: string): Promise<Identity | 'unknown' | 'inactive'>;
}

/**
 * The caller, or a declared system error: a token wins over a webhook address, and without either nobody is there.
 *
 * @throws MethodError
 */
export async function authenticate(
  authenticator: Authenticator,
  address: Address,
  params: ValueMap,
  authorization: string | undefined,
): Promise<Identity> {
  if (token(params, authorization)) throw new MethodError(systemErrors.invalidToken);
  const webhook = address.webhook ?? webhookInParams(params);
  if (!webhook) throw new MethodError(systemErrors.noAuth);
  const identity = await authenticator.webhook(webhook.user, webhook.code);
  if (identity === 'unknown') throw new MethodError(systemErrors.invalidCredentials);
  if (identity === 'inactive') throw new MethodError(systemErrors.authorization);
  return identity;
}

function token(params: ValueMap, authorization: string | undefined): string | undefined {
  const bearer = /^bearer\s+(\S+)$/i.exec(authorization ?? '')?.[1];
  return bearer ?? scalar(params['auth']) ?? scalar(params['access_token']);
}

function webhookInParams(params: ValueMap): Address['webhook'] {
  const [user, code] = [scalar(params['aplogin']), scalar(params['ap'])];
  return user !== undefined && code !== undefined ? { user, code } : undefined;
}

function scalar(value: unknown): string | undefined {
  const given = typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  return given === '' ? undefined : given;
}

const USER_SCOPES = ['user', 'user_basic', 'user_brief'];

/** Whether the caller's scopes cover a method. Any of the three user scopes opens the `user` methods. */
export function coversScope(caller: Caller, scope: string | null): boolean {
  if (scope === null || caller.scopes.has(scope)) return true;
  return scope === 'user' && USER_SCOPES.some((code) => caller.scopes.has(code));
}
