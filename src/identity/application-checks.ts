/** What an application may be called, and where it may lead: asked by commands and by methods alike. */
import { FieldError } from '../base/field-error.ts';
import type { Database } from '../db/database.ts';
import { findUsers } from '../db/stores/user-store.ts';
import { type ApplicationDetails, redirectProblem } from './applications.ts';
import { APPLICATION_SCOPES, unknownScope } from './webhooks.ts';

const LONGEST_TITLE = 200;
export const LONGEST_ADDRESS = 1000;

/**
 * The details as they are stored; what is left out stays so.
 *
 * @throws FieldError naming `title`, `scope`, `redirect-uri`, `handler`, `page`, `install-page` or `users`
 */
export async function checkedDetails<D extends Partial<ApplicationDetails>>(db: Database, details: D): Promise<D> {
  const { title, scopes, redirectUri, handlerUrl, pageUrl, installUrl, userIds } = details;
  checkScopes(scopes ?? []);
  if (redirectUri) checkRedirect(redirectUri);
  if (handlerUrl) checkAddress('handler', handlerUrl);
  if (pageUrl) checkAddress('page', pageUrl);
  if (installUrl) checkAddress('install-page', installUrl);
  await requireUsers(db, 'users', userIds ?? []);
  return title === undefined ? details : { ...details, title: checkedTitle(title) };
}

function checkedTitle(text: string): string {
  const title = text.trim();
  if (title === '') throw new FieldError('title', 'is empty');
  if (title.length > LONGEST_TITLE) throw new FieldError('title', `is longer than ${LONGEST_TITLE} characters`);
  return title;
}

function checkScopes(scopes: readonly string[]): void {
  const unknown = unknownScope(scopes, APPLICATION_SCOPES);
  if (unknown !== undefined) throw new FieldError('scope', `"${unknown.slice(0, 100)}" is none of ${APPLICATION_SCOPES.join(', ')}`);
}

function checkRedirect(uri: string): void {
  const problem = uri.length > LONGEST_ADDRESS ? `is longer than ${LONGEST_ADDRESS} characters` : redirectProblem(uri);
  if (problem) throw new FieldError('redirect-uri', `"${uri.slice(0, LONGEST_ADDRESS)}" ${problem}`);
}

function checkAddress(field: string, url: string): void {
  const isWeb = URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);
  if (!isWeb || url.length > LONGEST_ADDRESS) throw new FieldError(field, `"${url.slice(0, LONGEST_ADDRESS)}" is not an http or https address`);
}

/** @throws FieldError naming the first who is not there */
export async function requireUsers(db: Database, field: string, ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return;
  const found = new Set((await db.read((s) => findUsers(s, ids))).map((user) => user.id));
  const missing = ids.find((id) => !found.has(id));
  if (missing !== undefined) throw new FieldError(field, `there is no user ${missing}`);
}
