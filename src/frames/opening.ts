/** What an application's page is given when the portal shows it, and while it does. */
import { MAX_HOPS } from '../base/caller.ts';
import type { Outcome } from '../base/outcome.ts';
import { type AppRow, hasVisited, insertVisit } from '../db/stores/app-store.ts';
import { extendHandlersOf } from '../db/stores/event-store.ts';
import type { UserRow } from '../db/stores/user-store.ts';
import { queueInstalled } from '../delivery/handlers/outbox.ts';
import { allOptions, setOptions } from '../identity/app-options.ts';
import { finishInstallation, placeOf } from '../identity/applications.ts';
import { issueTokens, lifeNow } from '../identity/tokens.ts';
import type { Portal } from '../portal/portal.ts';

/** The user in front of the page, and the application on it. */
export interface Opened {
  app: AppRow;
  user: UserRow;
}

export interface FrameTokens {
  AUTH_ID: string;
  REFRESH_ID: string;
  /** Seconds. */
  AUTH_EXPIRES: number;
}

/** How long what an opening gives can be refreshed at first: each day brings many, and applications that go on by themselves refresh sooner. */
const REFRESHED_WITHIN_MS = 30 * 24 * 3600 * 1000;

/** Tokens of the user for the application: whoever sits in front of the portal has signed in, and the administrator has added it. */
export async function frameTokens(portal: Portal, { app, user }: Opened): Promise<FrameTokens> {
  const life = await lifeNow(portal);
  const pair = await portal.db.write(async (s) => {
    await extendHandlersOf(s, app.id, user.id, life.now + life.refreshTtl * 1000);
    return issueTokens(s, { appId: app.id, userId: user.id, scope: app.scope, hops: MAX_HOPS, endsAt: life.now + REFRESHED_WITHIN_MS }, life);
  });
  return { AUTH_ID: pair.accessToken, REFRESH_ID: pair.refreshToken, AUTH_EXPIRES: pair.expiresIn };
}

/** What is posted into the frame, and what its page asks for once it runs; the page around it adds what it alone knows. */
export interface Opening {
  url: string;
  fields: Record<string, string>;
  init: Record<string, unknown>;
}

/** @param origin scheme, host and port of the portal as applications are to call it */
export async function openFrame(portal: Portal, opened: Opened, origin: string): Promise<Opening> {
  const { app, user } = opened;
  const tokens = await frameTokens(portal, opened);
  const { memberId } = await portal.settings();
  const installing = app.installed === 0;
  const known = !installing && (await portal.db.read((s) => hasVisited(s, app.id, user.id)));
  const fields = {
    AUTH_ID: tokens.AUTH_ID, AUTH_EXPIRES: String(tokens.AUTH_EXPIRES), REFRESH_ID: tokens.REFRESH_ID, SERVER_ENDPOINT: `${origin}/rest/`,
    APPLICATION_TOKEN: app.application_token, APPLICATION_SCOPE: app.scope, member_id: memberId, status: 'L',
  };
  const init = {
    PATH: '/rest', MEMBER_ID: memberId, IS_ADMIN: user.admin === 1, INSTALL: installing, FIRST_RUN: !known,
    APP_OPTIONS: await optionsOf(portal, app.id, 0), USER_OPTIONS: await optionsOf(portal, app.id, user.id), ...tokens,
  };
  return { url: placeOf(app), fields, init };
}

async function optionsOf(portal: Portal, appId: number, userId: number): Promise<Record<string, unknown>> {
  const options = await allOptions(portal, { appId, userId });
  return Object.fromEntries([...options].map(([name, json]) => [name, JSON.parse(json) as unknown]));
}

/** The page that sets the application up says that it has. */
export function finishSetUp({ db, clock }: Portal, { app }: Opened): Promise<void> {
  return finishInstallation(db, clock, app.id, (s, installed) => queueInstalled(s, installed, clock.now()));
}

/** The page has greeted a user whom it had not seen before. While it is being set up everybody is new to it. */
export async function noteVisit({ db }: Portal, { app, user }: Opened): Promise<void> {
  if (app.installed === 1) await db.write((s) => insertVisit(s, app.id, user.id));
}

/**
 * Stores an option for the page.
 *
 * @param userId 0 for everybody's
 */
export function storeOption(portal: Portal, { app }: Opened, userId: number, name: string, json: string): Promise<Outcome<true, string>> {
  return setOptions(portal, { appId: app.id, userId }, new Map([[name, json]]));
}
