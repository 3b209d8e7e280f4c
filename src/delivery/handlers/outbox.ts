/** Turns what has happened into deliveries, and queues those of an application's own life. */
import { hash } from 'node:crypto';
import { type AppRow, findApp } from '../../db/stores/app-store.ts';
import type { WriteSession } from '../../db/database.ts';
import { insertDelivery, isWaiting } from '../../db/stores/delivery-store.ts';
import { deleteOfflineEventsOfApp } from '../../db/stores/offline-store.ts';
import { deleteHandlersOfApp, type HandlerRow, handlersOf, listHandlers, recordTold } from '../../db/stores/event-store.ts';
import { advanceCursor, type JournalRow, READERS } from '../../db/stores/journal-store.ts';
import { viewerOf } from '../../messenger/access/viewer.ts';
import { MAX_HOPS } from '../../base/caller.ts';
import { eventData, type Reader, type Subject, subjectOf } from './event-data.ts';
import { eventsOf, OFFLINE_RECORDED, UNINSTALLED } from './events.ts';
import { recordOffline } from './offline.ts';
import { recordForUsers } from './recorder.ts';
import { findActing, handlerScopes } from './rights.ts';

/** One thing to tell one handler. */
interface Told {
  app: Pick<AppRow, 'id'>;
  handler: { id: number; url: string };
  event: string;
  /** Whose tokens it gets; 0 for none. */
  userId: number;
  hops: number;
  /** What the user must be a member of to be told; 0 for none. */
  chatId?: number;
  data: Record<string, unknown>;
  /** No sooner than this. */
  at?: number;
}

/** Before all times, so that a clock that is set back keeps nothing waiting. */
const AT_ONCE = 0;

function laneOf({ url }: { url: string }): string {
  return hash('sha256', url, 'hex');
}

function queue(s: WriteSession, { app, handler, event, userId, hops, chatId = 0, data, at = AT_ONCE }: Told, now: number): Promise<void> {
  return insertDelivery(s, {
    app_id: app.id, handler_id: handler.id, event, url: handler.url, lane: laneOf(handler), user_id: userId, hops,
    chat_id: chatId, data: JSON.stringify(data), state: 'waiting', attempts: 0, next_at: at, claimed_until: 0, status: 0, problem: '',
    created_at: now, finished_at: 0,
  });
}

/**
 * Tells an application of its own life: at its handler's address, with the tokens of who has installed it, and
 * wherever it has bound the event, with those of who did; never with those of whoever causes it.
 *
 * @param hops those of the call that causes it
 */
async function queueAppEvent(s: WriteSession, app: AppRow, event: string, data: Record<string, unknown>, now: number, hops = MAX_HOPS): Promise<void> {
  if (event !== 'ONAPPTEST' && app.handler_url !== '') {
    await queue(s, { app, handler: { id: 0, url: app.handler_url }, event, userId: event === UNINSTALLED ? 0 : app.created_by, hops, data }, now);
  }
  for (const handler of await listHandlers(s, app.id)) {
    if (handler.event !== event) continue;
    const userId = event === UNINSTALLED ? 0 : handler.user_id || handler.bound_by;
    await queue(s, { app, handler, event, userId, hops: Math.min(hops, handler.hops), data }, now);
  }
}

/** Sends a test to whoever has bound it, unless it is one too many that follows from another. */
export async function queueTest(s: WriteSession, app: AppRow, query: Record<string, unknown>, now: number, hops: number): Promise<void> {
  if (hops > 0) await queueAppEvent(s, app, 'ONAPPTEST', { QUERY: query }, now, hops - 1);
}

/** Tells an application that it is installed: once it is, which is at once where nothing has to be set up first. */
export async function queueInstalled(s: WriteSession, app: AppRow, now: number): Promise<void> {
  if (app.installed === 1) await queueAppEvent(s, app, 'ONAPPINSTALL', { VERSION: app.version, ACTIVE: true, INSTALLED: true, LANGUAGE_ID: 'en' }, now);
}

/** The application was removed: it is told so, and of nothing else any more. */
export async function queueUninstalled(s: WriteSession, app: AppRow, now: number): Promise<void> {
  await queueAppEvent(s, app, UNINSTALLED, { LANGUAGE_ID: 'en', CLEAN: true }, now);
  await deleteHandlersOfApp(s, app.id);
  await deleteOfflineEventsOfApp(s, app.id);
}

type Reading = Omit<Reader, 'viewer' | 'scopes'>;

/** Writes down whom an entry of the journal is to be told to, once: whoever moves the cursor to it does. */
export async function expand(s: WriteSession, entry: JournalRow, reading: Reading): Promise<void> {
  if (!(await advanceCursor(s, READERS.handlers, entry))) return;
  const subject = subjectOf(s, entry);
  const filled = new Map<number, AppRow>();
  for (const handler of await handlersOf(s, eventsOf(entry.what), entry.rev)) {
    const app = await findApp(s, handler.app_id);
    if (app && (await tell(s, app, handler, subject, reading)) === 'queued') filled.set(app.id, app);
  }
  for (const app of filled.values()) await queueSignals(s, app, entry.hops, reading.now);
  await recordForUsers(s, subject, reading);
}

/** @returns `queued` when there is something new to fetch */
async function tell(s: WriteSession, app: AppRow, handler: HandlerRow, subject: Subject, reading: Reading): Promise<'queued' | undefined> {
  const { entry } = subject;
  const scopes = app.held === 0 ? await handlerScopes(s, app, handler, reading.now) : undefined;
  const userId = handler.user_id || entry.actor_id;
  const user = scopes && (await findActing(s, app, userId));
  const told = user && (await eventData(s, handler.event, subject, { ...reading, viewer: viewerOf(user), scopes }));
  if (!told) return undefined;
  if (handler.offline === 1) return (await recordOffline(s, app, handler, entry, reading.now)) ? 'queued' : undefined;
  if (entry.hops > 0) await queue(s, { app, handler, event: handler.event, userId, hops: Math.min(entry.hops - 1, handler.hops), ...told }, reading.now);
  return undefined;
}

/** Tells an application's handlers that there is something to fetch: one at a time, and no sooner after the last than they have asked for. */
async function queueSignals(s: WriteSession, app: AppRow, hops: number, now: number): Promise<void> {
  if (hops === 0) return;
  for (const handler of await listHandlers(s, app.id)) {
    if (handler.event !== OFFLINE_RECORDED || !(await handlerScopes(s, app, handler, now)) || (await isWaiting(s, laneOf(handler), handler.id))) continue;
    const next = handler.told_at + handler.min_timeout * 1000;
    // A clock that was set back keeps nobody waiting for longer than was asked for.
    const at = next <= now || handler.told_at > now ? AT_ONCE : next;
    await recordTold(s, handler.id, Math.max(at, now));
    const userId = handler.user_id || handler.bound_by;
    await queue(s, { app, handler, event: OFFLINE_RECORDED, userId, hops: Math.min(hops - 1, handler.hops), data: {}, at }, now);
  }
}
