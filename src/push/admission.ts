/** Who listens, by what right, and whether that still holds. Nobody gets more by a stream than by calls with the same token. */
import type { FastifyRequest } from 'fastify';
import type { Caller, Credentials, Identity } from '../base/caller.ts';
import type { Ending, Standing } from '../delivery/live/happening.ts';
import type { Logins } from '../identity/logins.ts';
import { type Viewer, viewerOf } from '../messenger/access/viewer.ts';
import { readSession } from '../oauth/browser.ts';
import { admit, findCredentials } from '../rest/auth.ts';
import { parseAddress } from '../rest/address.ts';
import { originOf } from '../rest/incoming.ts';
import { error, MethodError } from '../rest/method.ts';
import type { DispatchOptions, PortalState } from '../rest/pipeline.ts';
import { systemErrors } from '../rest/system-errors.ts';

/** What a stream tells is what these methods give. */
const SCOPED = { scope: 'im' } as const;

const FOREIGN = error('ACCESS_DENIED', 403, 'Access denied! A page of another site may not use the session of this one');

/** Somebody who was let in. */
export interface Admitted {
  viewer: Viewer;
  standing: Standing;
  /** Undefined where a page's session lets in. */
  identity: Identity | undefined;
}

export interface Gate {
  dispatch: Pick<DispatchOptions<unknown>, 'enter' | 'portal'>;
  logins: Logins;
}

/** @throws MethodError */
export async function admitted(gate: Gate, request: FastifyRequest): Promise<Admitted> {
  const { path, params } = splitTarget(request.raw.url ?? '');
  const credentials = findCredentials(webhookIn(path), params, request.headers.authorization);
  const secure = originOf(request).startsWith('https:');
  return credentials ? byCredentials(gate, credentials, secure) : bySession(gate, request, secure);
}

/** The same address as that of a method, so that what is said of a webhook's address holds here. */
function webhookIn(path: string): { method: string; format: 'json'; webhook?: { user: string; code: string } } {
  const { webhook } = parseAddress(path.replace(/\/push\/\w+\/?$/i, '/push')) ?? {};
  return { method: 'push', format: 'json', ...(webhook && { webhook }) };
}

function splitTarget(url: string): { path: string; params: Record<string, string> } {
  const mark = url.indexOf('?');
  if (mark < 0) return { path: url, params: {} };
  return { path: url.slice(0, mark), params: Object.fromEntries(new URLSearchParams(url.slice(mark + 1))) };
}

async function byCredentials({ dispatch }: Gate, credentials: Credentials, secure: boolean): Promise<Admitted> {
  const look = () => dispatch.enter(credentials, undefined);
  const { portal, identity } = await look();
  refusePortal(portal, secure);
  if (!identity) throw new MethodError(credentials.kind === 'token' ? systemErrors.invalidToken : systemErrors.invalidCredentials);
  admit(identity, SCOPED, portal.commercial);
  const check = async (): Promise<Ending | undefined> => {
    const now = await look();
    return endingOf(now.portal, secure) ?? endingOfIdentity(identity, now.identity, now.portal);
  };
  const viewer = { userId: identity.userId, admin: identity.admin, insider: identity.insider };
  return { viewer, identity, standing: { check, expiresAt: identity.application?.expiresAt ?? Infinity } };
}

/** Cookies come along whoever asks: only pages of our own may. */
async function bySession({ dispatch, logins }: Gate, request: FastifyRequest, secure: boolean): Promise<Admitted> {
  const session = readSession(request);
  const look = async () => ({ portal: await dispatch.portal(), user: await logins.userOf(session) });
  const { portal, user } = await look();
  refusePortal(portal, secure);
  if (!user) throw new MethodError(systemErrors.noAuth);
  if (!isOwnPage(request)) throw new MethodError(FOREIGN);
  if (user.active !== 1) throw new MethodError(systemErrors.authorization);
  const viewer = viewerOf(user);
  const check = async (): Promise<Ending | undefined> => {
    const now = await look();
    const ending = endingOf(now.portal, secure);
    if (ending || !now.user || now.user.active !== 1) return ending ?? 'revoked';
    return isSame(viewer, viewerOf(now.user)) ? undefined : 'restart';
  };
  return { viewer, identity: undefined, standing: { check, expiresAt: await logins.endOf(session) } };
}

function isOwnPage(request: FastifyRequest): boolean {
  const { origin, 'sec-fetch-site': site } = request.headers;
  return (site === undefined || site === 'same-origin' || site === 'none') && (origin === undefined || origin.toLowerCase() === originOf(request));
}

function refusePortal({ closed, httpsRequired }: PortalState, secure: boolean): void {
  if (closed) throw new MethodError(systemErrors.portalDeleted);
  if (httpsRequired && !secure) throw new MethodError(systemErrors.httpsRequired);
}

function endingOf({ closed, httpsRequired }: PortalState, secure: boolean): Ending | undefined {
  return closed || (httpsRequired && !secure) ? 'closed' : undefined;
}

function endingOfIdentity(before: Identity, now: Identity | undefined, { commercial }: PortalState): Ending | undefined {
  if (!now || now.userId !== before.userId) return 'revoked';
  if (now.token?.expired) return 'expired';
  try {
    admit(now, SCOPED, commercial);
  } catch {
    return 'revoked';
  }
  // Who has become somebody else to the rules comes again as such.
  return isSame(before, now) ? undefined : 'restart';
}

function isSame(a: Pick<Caller, 'admin' | 'insider'>, b: Pick<Caller, 'admin' | 'insider'>): boolean {
  return a.admin === b.admin && a.insider === b.insider;
}
