/** Who calls, by what the request carries. */
import { type Caller, coversScope, type Credentials, type Identity } from '../base/caller.ts';
import { type Method, MethodError } from './method.ts';
import type { Address } from './address.ts';
import { systemErrors } from './system-errors.ts';
import type { ValueMap } from './values.ts';

/** A token wins over a webhook address: header first, then `auth`, then `access_token`. */
export function findCredentials(address: Address, params: ValueMap, authorization: string | undefined): Credentials | undefined {
  const bearer = /^bearer\s+(\S+)$/i.exec(authorization ?? '')?.[1];
  const token = bearer ?? scalar(params['auth']) ?? scalar(params['access_token']);
  if (token !== undefined) return { kind: 'token', token };
  if (address.webhook) return { kind: 'webhook', ...address.webhook };
  const [user, code] = [scalar(params['aplogin']), scalar(params['ap'])];
  return user !== undefined && code !== undefined ? { kind: 'webhook', user, code } : undefined;
}

function scalar(value: unknown): string | undefined {
  const given = typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  return given === '' ? undefined : given;
}


/** What the scopes of a method are compared by. */
type Scoped = Pick<Method<unknown>, 'scope' | 'exactScope'>;

/** Whether the caller's scopes open a method. */
export function opens(caller: Caller, { scope, exactScope }: Scoped): boolean {
  return exactScope ? scope === null || caller.scopes.has(scope) : coversScope(caller, scope);
}

/**
 * Lets a call in or says why not; of several reasons the first in the order of the original.
 *
 * @param commercial whether the portal's plan includes REST
 * @throws MethodError
 */
export function admit(identity: Identity, method: Scoped, commercial: boolean): void {
  const refusal = identity.token ? refuseToken(identity, identity.token, method, commercial) : refuseWebhook(identity, method, commercial);
  if (refusal) throw new MethodError(systemErrors[refusal]);
}

type Refusal = keyof typeof systemErrors | undefined;

function refuseToken(identity: Identity, token: NonNullable<Identity['token']>, method: Scoped, commercial: boolean): Refusal {
  if (identity.held) return 'overload';
  if (!commercial) return 'plan';
  if (token.withoutApplication) return 'applicationNotFound';
  if (token.expired) return 'expiredToken';
  if (!opens(identity, method)) return 'insufficientTokenScope';
  if (identity.inactive) return 'authorization';
  return token.restricted ? 'userAccess' : undefined;
}

function refuseWebhook(identity: Identity, method: Scoped, commercial: boolean): Refusal {
  if (!opens(identity, method)) return 'insufficientScope';
  if (identity.held) return 'overload';
  if (!commercial) return 'plan';
  return identity.inactive ? 'authorization' : undefined;
}
