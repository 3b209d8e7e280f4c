/** What the pages keep in the browser: who is signed in, and what proves that a form came from one of our pages. */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { originOf } from '../rest/incoming.ts';
import { type Cookie, cookieName, readCookie } from '../rest/session-cookie.ts';
import { SESSION_MS } from '../identity/logins.ts';

function isSecure(request: FastifyRequest): boolean {
  return originOf(request).startsWith('https:');
}

function read(request: FastifyRequest, cookie: Cookie): string | undefined {
  return readCookie(request.headers.cookie, cookie, isSecure(request));
}

function write(request: FastifyRequest, reply: FastifyReply, cookie: Cookie, value: string, seconds?: number): void {
  const secure = isSecure(request);
  const age = seconds === undefined ? '' : `; Max-Age=${seconds}`;
  void reply.header('set-cookie', `${cookieName(cookie, secure)}=${value}; Path=/; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}${age}`);
}

export function readSession(request: FastifyRequest): string | undefined {
  return read(request, 'session');
}

export function keepSession(request: FastifyRequest, reply: FastifyReply, session: string): void {
  write(request, reply, 'session', session, SESSION_MS / 1000);
}

export function dropSession(request: FastifyRequest, reply: FastifyReply): void {
  write(request, reply, 'session', '', 0);
}

/** The secret of a browser in which nobody is signed in. */
export function formSecret(request: FastifyRequest, reply: FastifyReply): string {
  const known = read(request, 'form');
  if (known) return known;
  const secret = randomBytes(32).toString('hex');
  write(request, reply, 'form', secret);
  return secret;
}

export function readFormSecret(request: FastifyRequest): string | undefined {
  return read(request, 'form');
}

/**
 * Proves that a form came from a page that this browser was shown, about just this.
 *
 * @param secret known to the browser alone: its session, or that of {@link formSecret}
 */
export function formToken(secret: string, ...subject: string[]): string {
  return createHmac('sha256', secret).update(JSON.stringify(subject)).digest('base64url');
}

export function isFormToken(given: string | undefined, secret: string | undefined, ...subject: string[]): boolean {
  if (given === undefined || secret === undefined) return false;
  const expected = Buffer.from(formToken(secret, ...subject));
  const actual = Buffer.from(given);
  return actual.length === expected.length && timingSafeEqual(actual, expected);
}

/** A path of this server to go on to, and never another server's. */
export function safePath(path: string | undefined): string {
  return path !== undefined && /^\/(?![/\\])[\x21-\x7e]*$/.test(path) ? path : '/';
}
