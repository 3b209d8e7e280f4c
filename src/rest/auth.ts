/** Who calls, by what the request carries. */
import { type Caller, type Method, MethodError } from './method.ts';
import type { Address } from './address.ts';
import { systemErrors } from './system-errors.ts';
import type { ValueMap } from './values.ts';

/** What a webhook's address or an access token stands for, and what speaks against letting it in. */
export interface Identity extends Caller {
  /** 0 for an application's token. */
  webhookId: number;
  /** The administrator has blocked the webhook or the application. */
  held: boolean;
  /** The user may no longer sign in. */
  inactive: boolean;
  /** Only of tokens: what else can be wrong with them. */
  token?: {
    expired: boolean;
    /** The application was removed or switched off. */
    withoutApplication: boolean;
    /** The application is for certain users, and this is none of them. */
    restricted: boolean;
  };
}

/** What a request carries to say who calls. */
export type Credentials = { kind: 'token'; token: string } | { kind: 'webhook'; user: string; code: string };

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

const USER_SCOPES = ['user', 'user_basic', 'user_brief'];

/** What the scopes of a method are compared by. */
type Scoped = Pick<Method<unknown>, 'scope' | 'exactScope'>;

/** Whether the caller's scopes open a method. */
export function opens(caller: Caller, { scope, exactScope }: Scoped): boolean {
  return exactScope ? scope === null || caller.scopes.has(scope) : coversScope(caller, scope);
}

/** Whether the caller's scopes cover a scope. Any of the three user scopes opens the `user` methods that only read. */
export function coversScope(caller: Pick<Caller, 'scopes'>, scope: string | null): boolean {
  if (scope === null || caller.scopes.has(scope)) return true;
  return scope === 'user' && USER_SCOPES.some((code) => caller.scopes.has(code));
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
