/** Applications: who may ask for tokens, and for whom. */
import { randomBytes, randomInt, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../base/clock.ts';
import { activeApps, type AppRow, findApp, findAppByClientId, insertApp, markInstalled, updateApp } from '../db/stores/app-store.ts';
import type { Database, WriteSession } from '../db/database.ts';
import type { UserRow } from '../db/stores/user-store.ts';
import { hashSecret, randomText } from '../base/secrets.ts';

const SECRET_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const SECRET_LENGTH = 50;
const APPLICATION_TOKEN_LENGTH = 32;
const SUFFIX_END = 100_000_000;

/** What is said of an application by whoever adds it, and may be changed. */
export interface ApplicationDetails {
  title: string;
  scopes: readonly string[];
  /** Where a sign-in leads back to; empty when the code is shown instead. */
  redirectUri: string;
  /** Where the application is told of its installation; empty for nowhere. */
  handlerUrl: string;
  /** Its page, which the portal shows in a frame; empty or left out for none. */
  pageUrl?: string;
  /** The page that is shown to an administrator in its place until it says that the application is set up; empty or left out for none. */
  installUrl?: string;
  /** The users who may use it; empty for everybody. */
  userIds: readonly number[];
}

export interface NewApplication extends ApplicationDetails {
  createdBy: number;
}

/** Something to be done in the same transaction as a change of an application. */
export type AppHook = (s: WriteSession, app: AppRow) => Promise<void>;

/** Adds an application. The client secret is returned once; only its hash is stored. */
export async function addApplication(
  db: Database,
  clock: Clock,
  application: NewApplication,
  onAdded?: AppHook,
): Promise<{ clientId: string; clientSecret: string }> {
  const clientId = newClientId();
  const clientSecret = newClientSecret();
  const row = { ...toRow(application, clock.now()), client_id: clientId, secret_hash: hashSecret(clientSecret) };
  await db.write(async (s) => {
    const app = await insertApp(s, row);
    await onAdded?.(s, app);
  });
  return { clientId, clientSecret };
}

function newClientId(): string {
  return `local.${randomBytes(7).toString('hex')}.${String(randomInt(SUFFIX_END)).padStart(8, '0')}`;
}

function newClientSecret(): string {
  return Array.from({ length: SECRET_LENGTH }, () => SECRET_ALPHABET[randomInt(SECRET_ALPHABET.length)]).join('');
}

function toRow(application: NewApplication, now: number): Omit<AppRow, 'id' | 'client_id' | 'secret_hash'> {
  return {
    title: application.title,
    scope: application.scopes.join(','),
    redirect_uri: application.redirectUri,
    handler_url: application.handlerUrl,
    page_url: application.pageUrl ?? '',
    install_url: application.installUrl ?? '',
    installed: application.installUrl ? 0 : 1,
    application_token: randomText(APPLICATION_TOKEN_LENGTH),
    version: 1,
    active: 1,
    held: 0,
    user_ids: userList(application.userIds),
    created_by: application.createdBy,
    created_at: now,
    updated_at: now,
  };
}

function userList(ids: readonly number[]): string {
  return ids.length === 0 ? '' : JSON.stringify([...new Set(ids)]);
}

/** What an administrator may change of an application. */
export type Change = { held: boolean } | Partial<ApplicationDetails> | { secretHash: string } | { removed: true };

/**
 * A removed application's tokens stop working; the row stays, so that they can be told why.
 *
 * @returns false when there is no such application
 */
export function changeApplication(db: Database, clock: Clock, clientId: string, change: Change, onChanged?: AppHook): Promise<boolean> {
  return db.write(async (s) => {
    const app = await findActiveApp(s, clientId);
    if (!app) return false;
    await updateApp(s, app.id, { ...columns(change), updated_at: clock.now() });
    await onChanged?.(s, app);
    return true;
  });
}

/**
 * Gives an application another secret; the one before stops working at once, tokens go on.
 *
 * @returns the secret, this once; undefined when there is no such application
 */
export async function renewSecret(db: Database, clock: Clock, clientId: string): Promise<string | undefined> {
  const clientSecret = newClientSecret();
  const changed = await changeApplication(db, clock, clientId, { secretHash: hashSecret(clientSecret) });
  return changed ? clientSecret : undefined;
}

function columns(change: Change): Partial<AppRow> {
  if ('secretHash' in change) return { secret_hash: change.secretHash };
  if ('held' in change) return { held: change.held ? 1 : 0 };
  if ('removed' in change) return { active: 0 };
  const { title, scopes, redirectUri, handlerUrl, pageUrl, installUrl, userIds } = change;
  return {
    ...(title !== undefined && { title }),
    ...(scopes && { scope: scopes.join(',') }),
    ...(redirectUri !== undefined && { redirect_uri: redirectUri }),
    ...(handlerUrl !== undefined && { handler_url: handlerUrl }),
    ...(pageUrl !== undefined && { page_url: pageUrl }),
    ...(installUrl !== undefined && { install_url: installUrl }),
    ...(userIds && { user_ids: userList(userIds) }),
  };
}

/** All that were not removed, oldest first. */
export function listApplications(db: Database): Promise<AppRow[]> {
  return db.read(activeApps);
}

/** Who may use an application besides administrators; none for everybody. */
export function usersOf(app: Pick<AppRow, 'user_ids'>): number[] {
  return app.user_ids === '' ? [] : (JSON.parse(app.user_ids) as number[]);
}

/**
 * The application is set up: from now on everybody may use it who is to.
 *
 * @param onInstalled done in the same transaction, unless it was so before
 */
export function finishInstallation(db: Database, clock: Clock, id: number, onInstalled: AppHook): Promise<void> {
  return db.write(async (s) => {
    const app = await markInstalled(s, id, clock.now());
    if (app) await onInstalled(s, app);
  });
}

/** The applications that have a page, are not on hold, and that the user may open; oldest first. */
export async function openableApps({ db }: { db: Database }, user: AppUser): Promise<AppRow[]> {
  const apps = await db.read(activeApps);
  return apps.filter((app) => placeOf(app) !== '' && app.held === 0 && mayOpen(app, user));
}

/** Where the portal shows the page of an application: the path of an address of ours. */
export function framePath({ id }: Pick<AppRow, 'id'>): string {
  return `/marketplace/app/${id}/`;
}

/** The page to show: that which sets it up, until it has; empty for none. */
export function placeOf({ installed, page_url, install_url }: Pick<AppRow, 'installed' | 'page_url' | 'install_url'>): string {
  return installed === 1 ? page_url : install_url;
}

/** The application, removed or not. */
export function findApplication({ db }: { db: Database }, id: number): Promise<AppRow | undefined> {
  return db.read((s) => findApp(s, id));
}

/** The application, unless it was removed. */
export async function findActiveAppById(portal: { db: Database }, id: number): Promise<AppRow | undefined> {
  const app = await findApplication(portal, id);
  return app?.active === 1 ? app : undefined;
}

/** The application with this client id, unless it was removed. */
export async function findActiveApp(s: Parameters<typeof findAppByClientId>[0], clientId: string): Promise<AppRow | undefined> {
  const app = await findAppByClientId(s, clientId);
  return app?.active === 1 ? app : undefined;
}

/** Whom an application may be for. */
type AppUser = Pick<UserRow, 'id' | 'admin'>;

/** Before it is set up an application is for administrators alone. */
export function mayOpen(app: Pick<AppRow, 'user_ids' | 'installed'>, user: AppUser): boolean {
  return (app.installed === 1 || user.admin === 1) && mayUse(app, user);
}

/** Administrators may use every application. */
export function mayUse(app: Pick<AppRow, 'user_ids'>, user: AppUser): boolean {
  return app.user_ids === '' || user.admin === 1 || (JSON.parse(app.user_ids) as number[]).includes(user.id);
}

export function isSecretOf(app: AppRow, clientSecret: string): boolean {
  return timingSafeEqual(Buffer.from(hashSecret(clientSecret)), Buffer.from(app.secret_hash));
}

/** What is wrong with an address to lead back to; undefined when nothing is. */
export function redirectProblem(uri: string): string | undefined {
  if (!/^[\x21-\x7e]+$/.test(uri) || !URL.canParse(uri)) return 'is not an address';
  const { protocol, hash, username, password } = new URL(uri);
  if (/^(javascript|data|vbscript|blob|file|about):$/.test(protocol)) return `must not begin with ${protocol}`;
  if (hash !== '' || uri.includes('#')) return 'must not have a fragment';
  return username || password ? 'must not name a user' : undefined;
}
