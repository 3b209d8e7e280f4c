/** `/sign-in/` and `/sign-out/`. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AppRow } from '../db/stores/app-store.ts';
import { dropSession, formSecret, formToken, isFormToken, keepSession, readFormSecret, readSession, safePath } from './browser.ts';
import type { Logins } from '../identity/logins.ts';
import type { Page } from './page.ts';
import { PageError, signedInPage, signInPage, type Visitor } from './pages.ts';
import { readForm, readQuery } from './request.ts';

/** A page to show; undefined when the reply leads elsewhere. */
export type Answer = Page | undefined;

const FORM_EXPIRED = ['This form is no longer valid', 'Somebody else may have signed in since, or it came from another site. Go back, load the page again and retry.'] as const;

export function expiredForm(): PageError {
  return new PageError(403, ...FORM_EXPIRED);
}

/** The sign-in form, for its own sake or for an application that is waiting. */
export function askToSignIn(request: FastifyRequest, reply: FastifyReply, back: string, app?: AppRow): Page {
  return signInPage({ app, back, token: formToken(formSecret(request, reply), 'sign-in') });
}

/** Who sits in front of the browser. */
export async function visitorOf(logins: Logins, request: FastifyRequest): Promise<(Visitor & { session: string }) | undefined> {
  const session = readSession(request);
  const user = await logins.userOf(session);
  return session !== undefined && user ? { user, session, signOutToken: formToken(session, 'sign-out') } : undefined;
}

export async function showSignIn(logins: Logins, request: FastifyRequest, reply: FastifyReply): Promise<Answer> {
  const query = readQuery(request);
  const link = query.get('link');
  if (link !== undefined) return useLink(logins, request, reply, link, safePath(query.get('return')));
  const visitor = await visitorOf(logins, request);
  return visitor ? signedInPage(visitor) : askToSignIn(request, reply, safePath(query.get('return')));
}

async function useLink(logins: Logins, request: FastifyRequest, reply: FastifyReply, link: string, back: string): Promise<Answer> {
  const login = await logins.byLink(link);
  if (!login) throw new PageError(410, 'This link no longer works', 'It was used before or is too old. Ask the administrator for a new one.');
  keepSession(request, reply, login.session);
  void reply.redirect(back, 303);
  return undefined;
}

const PROBLEMS = {
  wrong: { status: 403, problem: 'The name or the password is wrong.' },
  too_often: { status: 429, problem: 'Too many attempts. Wait a minute and try again.' },
};

export async function takeSignIn(logins: Logins, request: FastifyRequest, reply: FastifyReply): Promise<Answer> {
  const form = await readForm(request);
  const back = safePath(form.get('return'));
  const token = form.get('token');
  if (!isFormToken(token, readFormSecret(request), 'sign-in')) throw expiredForm();
  const name = form.get('login') ?? '';
  const outcome = await logins.byPassword(name, form.get('password') ?? '', request.ip);
  if (!outcome.ok) {
    if (outcome.reason === 'too_often') void reply.header('retry-after', '60');
    return signInPage({ ...PROBLEMS[outcome.reason], name, back, token: token! });
  }
  keepSession(request, reply, outcome.value.session);
  void reply.redirect(back, 303);
  return undefined;
}

export async function takeSignOut(logins: Logins, request: FastifyRequest, reply: FastifyReply): Promise<Answer> {
  const form = await readForm(request);
  const session = readSession(request);
  if (session !== undefined && !isFormToken(form.get('token'), session, 'sign-out')) throw expiredForm();
  if (session !== undefined) await logins.signOut(session);
  dropSession(request, reply);
  // The inbox wipes by itself what it has kept; a form, as that of the administration, knows nothing of it.
  if (request.headers['sec-fetch-mode'] === 'navigate') void reply.header('clear-site-data', '"storage"');
  void reply.redirect(safePath(form.get('return')), 303);
  return undefined;
}
