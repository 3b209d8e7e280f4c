/** Who calls, by what the request carries. */
import { type Caller, coversScope, type Credentials, type Identity } from '../base/caller.ts';
import { type Method, MethodError } from './method.ts';
import type { Address } from './address.ts';
import { isSessid, sessidOf } from './session-cookie.ts';
import { notSignedIn, sessionFailed, systemErrors } from './system-errors.ts';
import type { RestRequest } from './request.ts';
import type { ValueMap } from './values.ts';

/** What besides the parameters may say who calls. */
type Carried = Pick<RestRequest, 'authorization' | 'session' | 'csrf'>;

/** A token wins over a webhook address: header first, then `auth`, then `access_token`. A session comes last. */
export function findCredentials(address: Address, params: ValueMap, { authorization, session, csrf }: Carried): Credentials | undefined {
  const bearer = /^bearer\s+(\S+)$/i.exec(authorization ?? '')?.[1];
  const token = bearer ?? scalar(params['auth']) ?? scalar(params['access_token']);
  if (token !== undefined) return { kind: 'token', token };
  if (address.webhook) return { kind: 'webhook', ...address.webhook };
  const [user, code] = [scalar(params['aplogin']), scalar(params['ap'])];
  if (user !== undefined && code !== undefined) return { kind: 'webhook', user, code };
  const proof = scalar(params['sessid']) ?? csrf;
  return proof === undefined ? undefined : { kind: 'session', session, proof };
}

function scalar(value: unknown): string | undefined {
  const given = typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  return given === '' ? undefined : given;
}

/**
 * Whether a page of ours calls, in a browser that is signed in.
 *
 * @param identity whom the session is of
 * @throws MethodError
 */
export function proveSession({ session, proof }: Extract<Credentials, { kind: 'session' }>, identity: Identity | undefined): void {
  if (session === undefined || !identity || identity.inactive) throw new MethodError(notSignedIn());
  if (!isSessid(proof, session)) throw new MethodError(sessionFailed(sessidOf(session)));
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
  // The portal's own pages are no REST of a plan.
  if (identity.session) return undefined;
  if (identity.held) return 'overload';
  if (!commercial) return 'plan';
  return identity.inactive ? 'authorization' : undefined;
}
