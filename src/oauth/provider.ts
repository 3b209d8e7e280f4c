/** The routes of the authorization server. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Limits } from '../base/rate-limit.ts';
import type { Portal } from '../portal/portal.ts';
import { toPolicy } from '../portal/policy.ts';
import { writeResponse } from '../rest/http.ts';
import { originOf } from '../rest/incoming.ts';
import { RequestError } from '../rest/request-error.ts';
import { showConsent, takeConsent } from './authorize.ts';
import { Logins } from '../identity/logins.ts';
import { sendPage } from './page.ts';
import { PageError, problemPage } from './pages.ts';
import { type Answer, showSignIn, takeSignIn, takeSignOut } from './sign-in.ts';
import { tokenEndpoint } from './token-endpoint.ts';

/** Clients append the path to addresses with and without a trailing slash, and to those that end in `/rest/`. */
const TOKEN_PATHS = ['/oauth/token', '/oauth/token/', '/rest/oauth/token', '/rest/oauth/token/'];

/** Largest form, bytes: whoever sends one is not known yet, and none of ours holds more than a few names and codes. */
const bodyLimit = 256 * 1024;

export type Show = (request: FastifyRequest, reply: FastifyReply) => Promise<Answer>;

/**
 * Adds the token endpoint, the sign-in and the consent.
 *
 * @param limits gives the buckets of a purpose
 */
export function addOauth(app: FastifyInstance, portal: Portal, limits: (kind: string) => Limits): void {
  addTokenEndpoint(app, portal, limits('secrets'));
  const logins = new Logins(portal, limits('passwords'));
  const add = (method: 'GET' | 'POST', path: string, show: Show) => {
    for (const url of [path, `${path}/`]) app.route({ method, url, bodyLimit, exposeHeadRoute: false, handler: pageHandler(portal, show) });
  };
  add('GET', '/oauth/authorize', (request, reply) => showConsent(portal, logins, request, reply));
  add('POST', '/oauth/authorize', (request, reply) => takeConsent(portal, logins, request, reply));
  add('GET', '/sign-in', (request, reply) => showSignIn(logins, request, reply));
  add('POST', '/sign-in', (request, reply) => takeSignIn(logins, request, reply));
  add('POST', '/sign-out', (request, reply) => takeSignOut(logins, request, reply));
}

function addTokenEndpoint(app: FastifyInstance, portal: Portal, guesses: Limits): void {
  const answerToken = tokenEndpoint(portal, guesses);
  for (const url of TOKEN_PATHS) {
    app.route({ method: ['GET', 'POST'], url, bodyLimit, exposeHeadRoute: false, handler: answerToken });
    app.options(url, (_request, reply) => {
      reply.hijack();
      reply.raw.setHeader('access-control-allow-methods', 'GET, POST, OPTIONS');
      writeResponse(reply.raw, { status: 200, body: [] });
    });
  }
}

/** Shows what `show` gives, or why it gives nothing. */
export function pageHandler(portal: Portal, show: Show) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const { name, values } = await portal.settings();
    try {
      if (toPolicy(values).httpsRequired && !originOf(request).startsWith('https:')) throw needsHttps();
      const page = await show(request, reply);
      return page ? sendPage(reply, name, page) : reply;
    } catch (thrown) {
      return sendPage(reply, name, problemPage(asPageError(thrown)));
    }
  };
}

function needsHttps(): PageError {
  return new PageError(400, 'HTTPS is required', 'This portal takes passwords over HTTPS only. Open the same page there.');
}

/** @throws whatever is not a problem of the request */
function asPageError(thrown: unknown): PageError {
  if (thrown instanceof PageError) return thrown;
  if (thrown instanceof RequestError) return new PageError(thrown.status, 'The request cannot be read', thrown.message);
  throw thrown;
}
