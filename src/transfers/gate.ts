/** What every address of a file is let in by. */
import type { FastifyRequest } from 'fastify';
import type { Blobs } from '../blobs/blobs.ts';
import { openPass, type Pass, type Purpose } from '../messenger/file-links.ts';
import type { Messenger } from '../messenger/messenger.ts';
import { toPolicy } from '../portal/policy.ts';
import { originOf } from '../rest/incoming.ts';
import { error, MethodError } from '../rest/method.ts';
import { systemErrors } from '../rest/system-errors.ts';

/** What the routes of files work with. */
export interface Transfers {
  messenger: Messenger;
  blobs: Blobs;
}

const linkCheck = error('ACCESS_DENIED', 403, 'Access denied! Link check failed');

/** The token in an address; undefined where there is none. */
export function tokenIn(request: FastifyRequest): string | undefined {
  const { url = '' } = request.raw;
  const mark = url.indexOf('?');
  return (mark < 0 ? undefined : new URLSearchParams(url.slice(mark + 1)).get('token')) ?? undefined;
}

/** What a token is good for, if for that. @throws MethodError */
export async function admitted({ messenger }: Transfers, request: FastifyRequest, token: string, purposes: readonly Purpose[]): Promise<Pass> {
  const { values, linkSecret } = await messenger.settings();
  const { closed, httpsRequired } = toPolicy(values);
  if (closed) throw new MethodError(systemErrors.portalDeleted);
  if (httpsRequired && !originOf(request).startsWith('https:')) throw new MethodError(systemErrors.httpsRequired);
  const pass = openPass(linkSecret, token, messenger.clock.now());
  if (!pass || !purposes.includes(pass.purpose)) throw new MethodError(linkCheck);
  return pass;
}
