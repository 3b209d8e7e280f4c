/** Who listens, by what right, and whether that still holds. Nobody gets more by a stream than by calls with the same token. */
import type { FastifyRequest } from 'fastify';
import type { Credentials, Identity } from '../base/caller.ts';
import type { Ending, Standing } from '../delivery/live/happening.ts';
import type { Viewer } from '../messenger/access/viewer.ts';
import { admit, findCredentials } from '../rest/auth.ts';
import { type Address, parseAddress } from '../rest/address.ts';
import { originOf } from '../rest/incoming.ts';
import { MethodError } from '../rest/method.ts';
import type { DispatchOptions, PortalState } from '../rest/pipeline.ts';
import { sessionOf } from '../rest/session-cookie.ts';
import { systemErrors } from '../rest/system-errors.ts';

/** What a stream tells is what these methods give. */
const SCOPED = { scope: 'im' } as const;

/** Somebody who was let in. */
export interface Admitted {
  viewer: Viewer;
  standing: Standing;
  identity: Identity;
}

type Gate = Pick<DispatchOptions<unknown>, 'enter'>;

/** @throws MethodError */
export async function admitted(dispatch: Gate, request: FastifyRequest): Promise<Admitted> {
  const origin = originOf(request);
  const secure = origin.startsWith('https:');
  const credentials = credentialsIn(request, origin);
  const look = () => dispatch.enter(credentials, undefined);
  const { portal, identity } = await look();
  refusePortal(portal, secure);
  if (!credentials) throw new MethodError(systemErrors.noAuth);
  if (!identity) throw new MethodError(credentials.kind === 'token' ? systemErrors.invalidToken : systemErrors.invalidCredentials);
  refuseIdentity(identity, portal);
  const check = async (): Promise<Ending | undefined> => {
    const now = await look();
    return endingOfPortal(now.portal, secure) ?? endingOf(identity, now.identity, now.portal);
  };
  const { userId, admin, insider, application, session } = identity;
  return { viewer: { userId, admin, insider }, identity, standing: { check, expiresAt: application?.expiresAt ?? session?.expiresAt ?? Infinity } };
}

/** As of a call; and the session of a page, which an EventSource can prove by nothing but where it comes from. */
function credentialsIn({ raw, headers }: FastifyRequest, origin: string): Credentials | undefined {
  const { url = '' } = raw;
  const mark = url.indexOf('?');
  const params = mark < 0 ? {} : Object.fromEntries(new URLSearchParams(url.slice(mark + 1)));
  const found = findCredentials(webhookIn(mark < 0 ? url : url.slice(0, mark)), params, { authorization: headers.authorization, session: undefined, csrf: undefined });
  const session = found ? undefined : sessionOf(headers, origin);
  return session === undefined ? found : { kind: 'session', session, proof: '' };
}

/** The address is read like that of a method. */
function webhookIn(path: string): Address {
  const { webhook } = parseAddress(path.replace(/\/push\/\w+\/?$/i, '/push')) ?? {};
  return { method: 'push', format: 'json', ...(webhook && { webhook }) };
}

function refusePortal({ closed, httpsRequired }: PortalState, secure: boolean): void {
  if (closed) throw new MethodError(systemErrors.portalDeleted);
  if (httpsRequired && !secure) throw new MethodError(systemErrors.httpsRequired);
}

function refuseIdentity(identity: Identity, { commercial }: PortalState): void {
  if (identity.inactive && identity.session) throw new MethodError(systemErrors.authorization);
  admit(identity, SCOPED, commercial);
}

function endingOfPortal({ closed, httpsRequired }: PortalState, secure: boolean): Ending | undefined {
  return closed || (httpsRequired && !secure) ? 'closed' : undefined;
}

function endingOf(before: Identity, now: Identity | undefined, portal: PortalState): Ending | undefined {
  if (!now || now.userId !== before.userId) return 'revoked';
  if (now.token?.expired) return 'expired';
  try {
    refuseIdentity(now, portal);
  } catch {
    return 'revoked';
  }
  // Who has become somebody else to the rules comes again as such.
  return now.admin === before.admin && now.insider === before.insider ? undefined : 'restart';
}
