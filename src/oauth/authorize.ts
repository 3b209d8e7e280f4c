/** `/oauth/authorize/`: a user lets an application act in their name, or does not. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AppRow } from '../db/stores/app-store.ts';
import type { Portal } from '../portal/portal.ts';
import type { UserRow } from '../db/stores/user-store.ts';
import { toPolicy } from '../portal/policy.ts';
import { originOf } from '../rest/incoming.ts';
import { findActiveApp, mayOpen, mayUse } from '../identity/applications.ts';
import { formToken, isFormToken } from './browser.ts';
import type { Logins } from '../identity/logins.ts';
import { codePage, consentPage, deniedPage, PageError, problemPage } from './pages.ts';
import { readForm, readQuery } from './request.ts';
import { type Answer, askToSignIn, expiredForm, visitorOf } from './sign-in.ts';
import { issueCode, lifeNow } from '../identity/tokens.ts';

/** What an application asks for. */
interface Asking {
  app: AppRow;
  /** Given back as it came. */
  state: string | undefined;
  /** Path and query under which it asks. */
  path: string;
}

export function showConsent(portal: Portal, logins: Logins, request: FastifyRequest, reply: FastifyReply): Promise<Answer> {
  return withVisitor(portal, logins, request, reply, async (asking, visitor) =>
    consentPage({ ...asking, visitor, token: formToken(visitor.session, ...subjectOf(asking)) }),
  );
}

export function takeConsent(portal: Portal, logins: Logins, request: FastifyRequest, reply: FastifyReply): Promise<Answer> {
  return withVisitor(portal, logins, request, reply, async (asking, visitor) => {
    const form = await readForm(request);
    if (!isFormToken(form.get('token'), visitor.session, ...subjectOf(asking))) throw expiredForm();
    return form.get('decision') === 'allow' ? allow(portal, asking, visitor.user, request, reply) : deny(asking, reply);
  });
}

type SignedIn = NonNullable<Awaited<ReturnType<typeof visitorOf>>>;

/** Goes on once somebody is signed in who may use the application. */
async function withVisitor(
  portal: Portal,
  logins: Logins,
  request: FastifyRequest,
  reply: FastifyReply,
  goOn: (asking: Asking, visitor: SignedIn) => Promise<Answer>,
): Promise<Answer> {
  const asking = await readAsking(portal, request);
  const visitor = await visitorOf(logins, request);
  if (!visitor) return askToSignIn(request, reply, asking.path, asking.app);
  const reason = refusal(asking.app, visitor.user);
  return reason ? problemPage(reason, visitor, asking.path) : goOn(asking, visitor);
}

function subjectOf({ app, state }: Asking): string[] {
  return ['consent', app.client_id, state ?? ''];
}

async function readAsking(portal: Portal, request: FastifyRequest): Promise<Asking> {
  const query = readQuery(request);
  const clientId = query.get('client_id');
  if (clientId === undefined) throw new PageError(400, 'The application is missing', 'The address does not say which application asks: client_id is missing.');
  const app = await portal.db.read((s) => findActiveApp(s, clientId));
  if (!app) throw new PageError(404, 'Unknown application', 'The application that sent you here is not installed on this portal.');
  if (app.held === 1) throw new PageError(503, 'The application is on hold', 'The administrator has blocked it for the time being.');
  requireOwnRedirect(app, query.get('redirect_uri'));
  const kind = query.get('response_type') ?? 'code';
  if (kind !== 'code') throw new PageError(400, 'The request cannot be answered', 'The response_type must be code.');
  return { app, state: query.get('state'), path: pathOf(request) };
}

/** With one slash in front: two would name another server. */
function pathOf(request: FastifyRequest): string {
  return (request.raw.url ?? '').replace(/^\/*/, '/');
}

/** Nobody is sent to an address that the administrator has not entered. */
function requireOwnRedirect(app: AppRow, given: string | undefined): void {
  if (given === undefined || given === app.redirect_uri) return;
  throw new PageError(400, 'The request cannot be answered', 'The redirect_uri is not the one that was registered for this application.');
}

function refusal(app: AppRow, user: UserRow): PageError | undefined {
  if (user.active !== 1) return new PageError(403, 'You can no longer sign in', 'Your account on this portal has been switched off.');
  if (!mayUse(app, user)) return new PageError(403, 'No access to this application', `The administrator has not opened ${app.title} to you.`);
  if (!mayOpen(app, user)) return new PageError(403, 'The application is not set up yet', `An administrator has to open ${app.title} first.`);
  return undefined;
}

async function allow(portal: Portal, { app, state }: Asking, user: UserRow, request: FastifyRequest, reply: FastifyReply): Promise<Answer> {
  const code = await issueCode(portal, app, user.id);
  if (app.redirect_uri === '') return codePage(app, code, (await lifeNow(portal)).codeTtl);
  const { memberId, values } = await portal.settings();
  const { host } = new URL(toPolicy(values).url || originOf(request));
  return leadBack(reply, app, { code, state, domain: host, member_id: memberId, scope: app.scope, server_domain: host });
}

function deny({ app, state }: Asking, reply: FastifyReply): Answer {
  return app.redirect_uri === '' ? deniedPage(app) : leadBack(reply, app, { error: 'access_denied', state });
}

function leadBack(reply: FastifyReply, app: AppRow, params: Record<string, string | undefined>): undefined {
  const given = Object.entries(params).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const mark = app.redirect_uri.includes('?') ? '&' : '?';
  void reply.header('cache-control', 'no-store').header('referrer-policy', 'no-referrer');
  void reply.redirect(`${app.redirect_uri}${mark}${new URLSearchParams(given)}`, 303);
  return undefined;
}
