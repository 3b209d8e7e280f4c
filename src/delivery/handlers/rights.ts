/** What a handler may be given: never more than whoever bound it had then, and has now. */
import type { AppRow } from '../../db/stores/app-store.ts';
import type { Session } from '../../db/database.ts';
import type { HandlerRow } from '../../db/stores/event-store.ts';
import { findUser, type UserRow } from '../../db/stores/user-store.ts';
import { mayUse } from '../../identity/applications.ts';
import { commonScopes } from '../../identity/webhooks.ts';
import { coversScope } from '../../base/caller.ts';
import { findEvent } from './events.ts';

/**
 * The scopes that a handler has at this moment: those of the token that it was bound with which its application still
 * has. Undefined when it may be told nothing: the application is still being set up, its time has passed, the event is beyond its scopes, or who has bound it
 * was dismissed, may no longer use the application, or no longer act for others. Not asked: whether it is on hold.
 */
export async function handlerScopes(s: Session, app: AppRow, handler: HandlerRow, now: number): Promise<Set<string> | undefined> {
  if (app.active === 0 || app.installed === 0 || (handler.ends_at > 0 && handler.ends_at <= now)) return undefined;
  const scopes = commonScopes(handler.scope, app.scope);
  if (!coversScope({ scopes }, findEvent(handler.event)?.scope ?? null)) return undefined;
  const binder = await findUser(s, handler.bound_by);
  if (binder?.active !== 1 || !mayUse(app, binder)) return undefined;
  const forOthers = handler.user_id !== handler.bound_by;
  return forOthers && binder.admin === 0 ? undefined : scopes;
}

/** A user who may have tokens of an application now; undefined for anybody else. */
export async function findActing(s: Session, app: AppRow, userId: number): Promise<UserRow | undefined> {
  const user = await findUser(s, userId);
  return user?.active === 1 && mayUse(app, user) ? user : undefined;
}
