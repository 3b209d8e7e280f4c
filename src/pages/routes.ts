/** The pages for people: the inbox at `/`, what is about the server at `/about`, and what the browser loads for them. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Limits } from '../base/rate-limit.ts';
import { Logins } from '../identity/logins.ts';
import { sendPage } from '../oauth/page.ts';
import { PageError, problemPage } from '../oauth/pages.ts';
import { visitorOf } from '../oauth/sign-in.ts';
import type { Portal } from '../portal/portal.ts';
import { toPolicy } from '../portal/policy.ts';
import { compressPages } from '../rest/http.ts';
import { originOf } from '../rest/incoming.ts';
import { sessidOf } from '../rest/session-cookie.ts';
import { aboutPage } from './about-page.ts';
import { Built } from './built.ts';
import { sendShell } from './shell.ts';

const ABOUT_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const NOT_FOR_OTHERS = new PageError(403, 'Only for administrators', 'This page looks after the whole portal. An administrator can make you one, or you can sign in as somebody who is.');
/** The name of a file under `assets` is another one whenever it changes. */
const FOR_EVER = 'public, max-age=31536000, immutable';
const ASK_AGAIN = 'no-cache';

export interface Pages {
  portal: Portal;
  /** Gives the buckets of a purpose. */
  limits(kind: string): Limits;
  /** Where whoever loads a list now goes on with its changes: see `tidemark.recent.changes`. */
  token(): Promise<string>;
}

export function addPages(app: FastifyInstance, { portal, limits, token }: Pages): void {
  const built = new Built();
  const logins = new Logins(portal, limits('passwords'));
  app.get('/', (request, reply) => showInbox({ portal, token }, logins, built, request, reply));
  for (const path of ['/admin', '/admin/']) app.get(path, (request, reply) => showAdmin(portal, logins, built, request, reply));
  addFiles(app, built);
  app.get('/manifest.webmanifest', async (_request, reply) => {
    const { name } = await portal.settings();
    return reply.type('application/manifest+json').header('cache-control', ASK_AGAIN).send(JSON.stringify(webManifest(name)));
  });
  void app.register(async (pages) => {
    compressPages(pages);
    pages.get('/about', async (request, reply) => {
      const { name, values } = await portal.settings();
      const { docs, url } = toPolicy(values);
      const page = aboutPage({ name, origin: url || originOf(request), docs });
      return reply.type('text/html; charset=utf-8').header('content-security-policy', ABOUT_POLICY).send(page);
    });
  });
}

/** Whoever is not signed in is led to the sign-in, and from there back. */
async function showInbox({ portal, token }: Pick<Pages, 'portal' | 'token'>, logins: Logins, built: Built, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const visitor = await visitorOf(logins, request);
  if (visitor?.user.active !== 1) return reply.header('cache-control', 'no-store').redirect('/sign-in/?return=/', 303);
  const parts = built.parts('web/inbox/main.tsx');
  if (!parts) return reply.code(503).type('text/plain; charset=utf-8').send('The pages are not built: see scripts/build-web.ts\n');
  const { name } = await portal.settings();
  const { user, session, signOutToken } = visitor;
  return sendShell(reply, {
    portal: name, parts,
    told: { portal: name, user: String(user.id), admin: String(user.admin), sessid: sessidOf(session), 'sign-out': signOutToken, token: await token() },
  });
}

/** Only administrators are let in; others are told so, and can sign in as somebody else. */
async function showAdmin(portal: Portal, logins: Logins, built: Built, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const visitor = await visitorOf(logins, request);
  if (visitor?.user.active !== 1) return reply.header('cache-control', 'no-store').redirect('/sign-in/?return=/admin/', 303);
  const { name } = await portal.settings();
  if (visitor.user.admin !== 1) return sendPage(reply, name, problemPage(NOT_FOR_OTHERS, visitor, '/admin/'));
  const parts = built.parts('web/admin/main.tsx');
  if (!parts) return reply.code(503).type('text/plain; charset=utf-8').send('The pages are not built: see scripts/build-web.ts\n');
  const { user, session, signOutToken } = visitor;
  return sendShell(reply, { portal: name, parts, told: { portal: name, user: String(user.id), admin: '1', sessid: sessidOf(session), 'sign-out': signOutToken } });
}

function addFiles(app: FastifyInstance, built: Built): void {
  const serve = (path: string, caching: string, { headers }: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const asset = built.asset(path, headers['accept-encoding']);
    if (!asset) {
      reply.callNotFound();
      return reply;
    }
    if (asset.coding) void reply.header('content-encoding', asset.coding);
    return reply
      .headers({ 'content-type': asset.type, 'cache-control': caching, vary: 'accept-encoding', 'x-content-type-options': 'nosniff' })
      .send(asset.body);
  };
  app.get<{ Params: { '*': string } }>('/assets/*', (request, reply) => serve(`assets/${request.params['*']}`, FOR_EVER, request, reply));
  for (const name of ['sw.js', 'icon.svg', 'icon-180.png', 'icon-192.png', 'icon-512.png', 'icon-maskable.png']) {
    app.get(`/${name}`, (request, reply) => serve(name, ASK_AGAIN, request, reply));
  }
}

function webManifest(name: string): object {
  const icon = (file: string, sizes: string, purpose = 'any') => ({ src: `/${file}`, sizes, type: 'image/png', purpose });
  return {
    name, short_name: name, id: '/', start_url: '/', scope: '/', display: 'standalone', background_color: '#F3F5F8', theme_color: '#0B5CC9',
    icons: [icon('icon-192.png', '192x192'), icon('icon-512.png', '512x512'), icon('icon-maskable.png', '512x512', 'maskable')],
  };
}
