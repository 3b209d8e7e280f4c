/** The sign-in's pages. */
import type { AppRow } from '../db/stores/app-store.ts';
import type { UserRow } from '../db/stores/user-store.ts';
import { type Html, html } from '../base/html.ts';
import { scopeSet } from '../identity/webhooks.ts';
import type { Page } from './page.ts';
import { inWords } from './scope-words.ts';

/** Why a page cannot be shown or a form not be taken; for people. */
export class PageError extends Error {
  readonly status: number;
  readonly title: string;
  constructor(status: number, title: string, text: string) {
    super(text);
    this.status = status;
    this.title = title;
  }
}

/** A signed-in user, with what their forms must carry. */
export interface Visitor {
  user: UserRow;
  /** Proves a sign-out. */
  signOutToken: string;
}

const AUTOFOCUS = html` autofocus`;

interface SignIn {
  /** The application that is waiting; undefined when the sign-in is for its own sake. */
  app?: AppRow | undefined;
  name?: string;
  problem?: string;
  status?: number;
  token: string;
  back: string;
}

export function signInPage({ app, name = '', problem, status = 200, token, back }: SignIn): Page {
  const content = html`<h1>Sign in</h1>
${app && html`<p class="soft">to continue to <strong>${app.title}</strong></p>`}
<form method="post" action="/sign-in/">
<input type="hidden" name="token" value="${token}"><input type="hidden" name="return" value="${back}">
${problem && html`<p class="problem" role="alert">${problem}</p>`}
<label>E-mail or user number
<input type="text" name="login" value="${name}" autocomplete="username" autocapitalize="none" spellcheck="false" maxlength="200" required${name ? undefined : AUTOFOCUS}></label>
<label>Password
<input type="password" name="password" autocomplete="current-password" maxlength="1000" required${name ? AUTOFOCUS : undefined}></label>
<div class="submit"><button>Sign in</button></div>
</form>
<p class="foot">No password yet? The administrator can give you one, or a link that signs you in once.</p>`;
  return { status, title: 'Sign in', content };
}

export function signedInPage(visitor: Visitor): Page {
  const content = html`<h1>You are signed in</h1>
${person(visitor.user)}
${signOutForm(visitor.signOutToken, '/sign-in/', html`<button class="quiet">Sign out</button>`)}`;
  return { status: 200, title: 'Signed in', content };
}

interface Consent {
  app: AppRow;
  visitor: Visitor;
  /** Path and query of this page: the form leads back to it. */
  path: string;
  token: string;
}

export function consentPage({ app, visitor, path, token }: Consent): Page {
  const content = html`<h1>${app.title} asks for access</h1>
<p class="soft">It would act in your name. It wants to:</p>
<ul>${[...scopeSet(app.scope)].map((code) => html`<li>${inWords(code)}</li>`)}</ul>
${person(visitor.user)}
<form method="post" action="${path}">
<input type="hidden" name="token" value="${token}">
<div class="choices"><button class="quiet" name="decision" value="deny">Deny</button><button name="decision" value="allow">Allow</button></div>
</form>
<div class="foot">${app.redirect_uri && html`<p>You will go on to ${placeOf(app.redirect_uri)}.</p>`}
${signOutForm(visitor.signOutToken, path, html`Not you? <button class="link">Sign in as somebody else</button>`)}</div>`;
  return { status: 200, title: app.title, content, formTargets: ['http:', 'https:', new URL(app.redirect_uri || 'https://x').protocol] };
}

/** A web site by its name, anything else by its scheme as well. */
function placeOf(uri: string): Html {
  const { host, protocol } = new URL(uri);
  const isSite = /^https?:$/.test(protocol);
  return html`<strong>${isSite ? host : `${protocol}${host && `//${host}`}`}</strong>`;
}

function person(user: UserRow): Html {
  const name = `${user.first_name} ${user.last_name}`.trim() || `User ${user.id}`;
  const initial = [...name][0]!.toUpperCase();
  return html`<div class="person"><span class="initial" aria-hidden="true">${initial}</span><span>${name}<small>${user.email || `user ${user.id}`}</small></span></div>`;
}

function signOutForm(token: string, back: string, content: Html): Html {
  return html`<form method="post" action="/sign-out/"><input type="hidden" name="token" value="${token}"><input type="hidden" name="return" value="${back}">${content}</form>`;
}

/** For applications that nobody can be sent back to. */
export function codePage(app: AppRow, code: string, seconds: number): Page {
  const content = html`<h1>Your code for ${app.title}</h1>
<p class="soft">Copy it into the application. It works once, within ${seconds} seconds.</p>
<code>${code}</code>`;
  return { status: 200, title: 'Code', content };
}

export function deniedPage(app: AppRow): Page {
  const content = html`<h1>Access denied</h1><p>${app.title} was not given access. You can close this page.</p>`;
  return { status: 200, title: 'Access denied', content };
}

export function problemPage({ status, title, message }: PageError, visitor?: Visitor, path = '/'): Page {
  const content = html`<h1>${title}</h1><p>${message}</p>
${visitor && html`${person(visitor.user)}${signOutForm(visitor.signOutToken, path, html`<button class="quiet">Sign in as somebody else</button>`)}`}`;
  return { status, title, content };
}
