/** Turns what has happened into deliveries, and queues those of an application's own life. */
import { type AppRow, findApp } from '../db/app-store.ts';
import type { Session, WriteSession } from '../db/database.ts';
import {
  boundEvents, deleteHandlersOfApp, type HandlerRow, handlersOf, insertDelivery, listHandlers, type OccurrenceRow, takeOccurrence,
} from '../db/event-store.ts';
import { writeSetting } from '../db/portal-store.ts';
import { findUser } from '../db/user-store.ts';
import { HAPPENINGS, type Happening, MAX_HOPS } from '../messenger/happenings.ts';
import { SETTING_KEYS } from '../messenger/settings.ts';
import { mayUse } from '../oauth/applications.ts';
import { scopeSet } from '../portal/webhooks.ts';
import { coversScope } from '../rest/auth.ts';
import { eventData, type Reader } from './event-data.ts';
import { findEvent, UNINSTALLED } from './events.ts';

/** One thing to tell one handler. */
interface Told {
  app: Pick<AppRow, 'id'>;
  handler: Pick<HandlerRow, 'id' | 'url'>;
  event: string;
  /** Whose tokens it gets; 0 for none. */
  userId: number;
  hops: number;
  data: Record<string, unknown>;
}

/** Before all times, so that a clock that is set back keeps nothing waiting. */
const AT_ONCE = 0;

function queue(s: WriteSession, { app, handler, event, userId, hops, data }: Told, now: number): Promise<void> {
  return insertDelivery(s, {
    app_id: app.id, handler_id: handler.id, event, url: handler.url, user_id: userId, hops, data: JSON.stringify(data),
    state: 'waiting', attempts: 0, next_at: AT_ONCE, claimed_until: 0, status: 0, problem: '', created_at: now, finished_at: 0,
  });
}

/** Tells an application of its own life: at its handler's address, and wherever it has bound the event. */
export async function queueAppEvent(s: WriteSession, app: AppRow, event: string, data: Record<string, unknown>, now: number): Promise<void> {
  const bound = (await listHandlers(s, app.id)).filter((handler) => handler.event === event);
  const own = app.handler_url === '' || event === 'ONAPPTEST' ? [] : [{ id: 0, url: app.handler_url }];
  for (const handler of [...own, ...bound]) {
    await queue(s, { app, handler, event, userId: event === UNINSTALLED ? 0 : app.created_by, hops: MAX_HOPS, data }, now);
  }
}

/** The application was added: it counts as installed at once. */
export function queueInstalled(s: WriteSession, app: AppRow, now: number): Promise<void> {
  return queueAppEvent(s, app, 'ONAPPINSTALL', { VERSION: app.version, ACTIVE: true, INSTALLED: true, LANGUAGE_ID: 'en' }, now);
}

/** The application was removed: it is told so, and of nothing else any more. */
export async function queueUninstalled(s: WriteSession, app: AppRow, now: number): Promise<void> {
  await queueAppEvent(s, app, UNINSTALLED, { LANGUAGE_ID: 'en', CLEAN: true }, now);
  await deleteHandlersOfApp(s, app.id);
  await noteBoundEvents(s);
}

/** Writes down what anybody wants to be told of, so that nobody else need look. */
export async function noteBoundEvents(s: WriteSession): Promise<void> {
  await writeSetting(s, SETTING_KEYS.events, (await boundEvents(s)).join(','));
}

/** Makes deliveries of an occurrence, once. */
export async function expand(s: WriteSession, occurrence: OccurrenceRow, reading: Omit<Reader, 'userId'>): Promise<void> {
  if (!(await takeOccurrence(s, occurrence.id))) return;
  for (const handler of await handlersOf(s, HAPPENINGS[occurrence.event as Happening])) {
    const app = await listening(s, handler);
    const userId = handler.user_id || occurrence.user_id;
    if (!app || !(await mayHear(s, app, userId))) continue;
    const data = await eventData(s, handler.event, occurrence, { ...reading, userId });
    if (data) await queue(s, { app, handler, event: handler.event, userId, hops: occurrence.hops - 1, data }, reading.now);
  }
}

/** The handler's application, if it is there, not on hold, and has the event's scope. */
async function listening(s: Session, { app_id, event }: HandlerRow): Promise<AppRow | undefined> {
  const app = await findApp(s, app_id);
  if (!app || app.active === 0 || app.held === 1) return undefined;
  const scopes = scopeSet(app.scope);
  return coversScope({ userId: 0, admin: false, scopes }, findEvent(event)?.scope ?? null) ? app : undefined;
}

async function mayHear(s: Session, app: AppRow, userId: number): Promise<boolean> {
  const user = await findUser(s, userId);
  return user?.active === 1 && mayUse(app, user);
}
