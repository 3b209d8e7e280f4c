/** What applications have bound: which event goes to which address, with the rights of whom. */
import type { Application, Caller } from '../../base/caller.ts';
import type { WriteSession } from '../../db/database.ts';
import { findApp } from '../../db/stores/app-store.ts';
import { deleteHandlers, type HandlerRow, insertHandler, listHandlers, type NewHandler, offlineUrl } from '../../db/stores/event-store.ts';
import { grantEnd, lockGrant } from '../../db/stores/oauth-store.ts';
import type { Portal } from '../../portal/portal.ts';
import { queueTest } from './outbox.ts';
import { handlerScopes } from './rights.ts';

/** Handlers of one application. */
const MOST_HANDLERS = 500;

export interface Binding {
  /** Code of the event. */
  event: string;
  /** Where it is posted to; or through which exchange the application fetches it. */
  handler: { url: string } | { connector: string };
  /** Whose tokens the handler gets; 0 for those of whoever causes an event. */
  userId: number;
  /** Seconds from one ONOFFLINEEVENT to the next. */
  minTimeout?: number | undefined;
}

/** Handlers are told apart by their addresses; those that have none have one that stands for their exchange. */
function placeOf(handler: Binding['handler']): Pick<NewHandler, 'url' | 'offline' | 'connector'> {
  return 'url' in handler ? { url: handler.url, offline: 0, connector: '' } : { url: offlineUrl(handler.connector), offline: 1, connector: handler.connector };
}

type NewBinding = Omit<NewHandler, 'id' | 'ends_at'> & { expiresAt: number };

const MIN_TIMEOUT = 1;

/**
 * Has an event posted to an address from now on.
 *
 * @returns `signed_out` when the sign-in has been ended since the call was let in
 */
export function bindHandler(
  { db, clock }: Pick<Portal, 'db' | 'clock'>,
  caller: Caller,
  application: Application,
  { event, handler, userId, minTimeout = MIN_TIMEOUT }: Binding,
): Promise<'bound' | 'signed_out' | 'already_bound' | 'too_many'> {
  const row = { ...boundWith(caller, application), event, ...placeOf(handler), user_id: userId, min_timeout: minTimeout, created_at: clock.now() };
  return db.write((s) => bind(s, row));
}

/** What the handler is bound with: whatever it is told and given later is no more than this. */
function boundWith({ userId, scopes }: Caller, { id, hops, grantId, refreshable, expiresAt }: Application) {
  const may = { scope: [...scopes].join(','), hops, grant_id: grantId, refreshable: refreshable ? (1 as const) : (0 as const), expiresAt };
  return { app_id: id, bound_by: userId, ...may };
}

/** A handler that is like the new one but entitled to nothing any more gives way to it. */
async function bind(s: WriteSession, { expiresAt, ...row }: NewBinding): Promise<'bound' | 'signed_out' | 'already_bound' | 'too_many'> {
  if (!(await lockGrant(s, row.grant_id))) return 'signed_out';
  const handlers = await listHandlers(s, row.app_id);
  const same = handlers.find(({ event, url, user_id }) => event === row.event && url === row.url && user_id === row.user_id);
  const app = await findApp(s, row.app_id);
  if (same && app && (await handlerScopes(s, app, same, row.created_at))) return 'already_bound';
  if (same) await deleteHandlers(s, [same.id]);
  else if (handlers.length >= MOST_HANDLERS) return 'too_many';
  const ends = row.refreshable === 1 ? await grantEnd(s, row.grant_id) : expiresAt;
  return (await insertHandler(s, { ...row, ends_at: Math.max(ends, expiresAt) })) === undefined ? 'already_bound' : 'bound';
}

/** Ends what {@link bindHandler} has begun: for one user, or for all where `userId` is undefined. Gives how many handlers that were. */
export function unbindHandlers({ db }: Pick<Portal, 'db'>, appId: number, { event, handler, userId }: Pick<Binding, 'event' | 'handler'> & { userId: number | undefined }): Promise<number> {
  const { url } = placeOf(handler);
  return db.write(async (s) => {
    const found = (await listHandlers(s, appId, userId)).filter((row) => row.event === event && row.url === url);
    await deleteHandlers(s, found.map((row) => row.id));
    return found.length;
  });
}

/** An application's handlers: of one user, or of all where `userId` is undefined. */
export function boundHandlers({ db }: Pick<Portal, 'db'>, appId: number, userId: number | undefined): Promise<HandlerRow[]> {
  return db.read((s) => listHandlers(s, appId, userId));
}

/** Tells an application's handlers of ONAPPTEST with the given values. @param hops those of the call that asks for it */
export async function testHandlers({ db, clock }: Pick<Portal, 'db' | 'clock'>, appId: number, query: Record<string, unknown>, hops: number): Promise<void> {
  const now = clock.now();
  await db.write(async (s) => {
    const app = await findApp(s, appId);
    if (app) await queueTest(s, app, query, now, hops);
  });
}
