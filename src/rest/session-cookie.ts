/** The session of a browser, as far as REST takes it: the cookie, where it may be used from, and what proves that a page of ours calls. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** What the pages keep in the browser. */
export type Cookie = 'session' | 'form';

const SECRET = /^[\da-f]{64}$/;

/** Two names, so that a cookie of the secure address does not keep the other one from being set. */
export function cookieName(cookie: Cookie, secure: boolean): string {
  return `${secure ? '__Host-' : ''}tidemark_${cookie}`;
}

/** @param header the field `Cookie` of a request */
export function readCookie(header: string | undefined, cookie: Cookie, secure: boolean): string | undefined {
  if (header === undefined) return undefined;
  const name = cookieName(cookie, secure);
  const pairs = header.split(';').map((pair) => pair.trim());
  const value = pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);
  return value !== undefined && SECRET.test(value) ? value : undefined;
}

/**
 * The session with which a request may act: none for what another site has made the browser send.
 *
 * @param origin scheme, host and port under which the portal was reached
 */
export function sessionOf(headers: IncomingHttpHeaders, origin: string): string | undefined {
  if (headers.cookie === undefined || !isOwnSite(headers, origin)) return undefined;
  return readCookie(headers.cookie, 'session', origin.startsWith('https:'));
}

/** What browsers say of where a request comes from; clients that are none say nothing, and have no cookies of others. */
function isOwnSite({ 'sec-fetch-site': site, origin: from }: IncomingHttpHeaders, origin: string): boolean {
  if (site !== undefined) return site === 'same-origin' || site === 'none';
  // A proxy may have taken the encryption off: hosts are compared, not schemes.
  return from === undefined || from.replace(/^https?:/i, '').toLowerCase() === origin.replace(/^https?:/, '');
}

/** What a page of ours sends along with the session; only whoever can read our pages knows it. */
export function sessidOf(session: string): string {
  return createHmac('sha256', session).update('sessid').digest('hex').slice(0, 32);
}

export function isSessid(given: string, session: string): boolean {
  const [actual, expected] = [Buffer.from(given), Buffer.from(sessidOf(session))];
  return actual.length === expected.length && timingSafeEqual(actual, expected);
}
