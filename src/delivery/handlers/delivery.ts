/** What one delivery carries, decided when it is made: an event may be told long after it happened. */
import { type AppRow, findApp } from '../../db/stores/app-store.ts';
import type { Session, WriteSession } from '../../db/database.ts';
import type { DeliveryRow } from '../../db/stores/delivery-store.ts';
import { lockHandler } from '../../db/stores/event-store.ts';
import { findMember } from '../../db/stores/member-store.ts';
import { tokenFields } from '../../identity/token-fields.ts';
import { type Grant, issueTokens, type Life } from '../../identity/tokens.ts';
import { findEvent, UNINSTALLED } from './events.ts';
import { handlerScopes, findActing } from './rights.ts';

/** Where and which this portal is. */
export interface Place {
  origin: string;
  memberId: string;
}

/** A form to post, or why there is none: for now, or for good. */
export type Prepared = { form: Record<string, unknown> } | { problem: string } | { problem: string; over: true };

type Granted = { grant: Grant | undefined } | { problem: string } | { problem: string; over: true };

/** Issues the tokens that the delivery carries. */
export async function prepareDelivery(s: WriteSession, delivery: DeliveryRow, place: Place, life: Life): Promise<Prepared> {
  const app = await findApp(s, delivery.app_id);
  if (!app) return { problem: 'the application was removed', over: true };
  const granted = await grantFor(s, app, delivery, life.now);
  if ('problem' in granted) return granted;
  const auth = granted.grant ? await authBlock(s, granted.grant, place, life) : withoutTokens(place);
  const form = {
    event: delivery.event,
    event_handler_id: delivery.handler_id,
    data: JSON.parse(delivery.data) as unknown,
    ts: Math.floor(delivery.created_at / 1000),
    auth: { ...auth, application_token: app.application_token },
  };
  return { form };
}

/** Whose tokens, with which rights; without any for who is told that the application is gone. */
async function grantFor(s: WriteSession, app: AppRow, delivery: DeliveryRow, now: number): Promise<Granted> {
  if (delivery.event === UNINSTALLED) return { grant: undefined };
  if (app.active === 0) return { problem: 'the application was removed', over: true };
  if (app.held === 1) return { problem: 'the application is on hold' };
  return delivery.handler_id === 0 ? { grant: await installersGrant(s, app, delivery) } : bindersGrant(s, app, delivery, now);
}

async function installersGrant(s: Session, app: AppRow, { user_id: userId, hops, event }: DeliveryRow): Promise<Grant | undefined> {
  if (!(await findActing(s, app, userId))) return undefined;
  return { appId: app.id, userId, scope: app.scope, hops, refreshable: isRefreshable(event) };
}

async function bindersGrant(s: WriteSession, app: AppRow, { handler_id: id, user_id: userId, chat_id: chatId, hops, event }: DeliveryRow, now: number): Promise<Granted> {
  const handler = await lockHandler(s, id);
  const scopes = handler && (await handlerScopes(s, app, handler, now));
  if (!handler || !scopes) return { problem: 'the handler is no longer entitled to it', over: true };
  const reader = await findActing(s, app, userId);
  if (!reader || (chatId !== 0 && !(await findMember(s, userId, chatId)))) return { problem: 'its user has no access any more', over: true };
  // Of somebody else only what ends by itself: their sign-in is not the binder's to go on with.
  const refreshable = isRefreshable(event) && handler.refreshable === 1 && userId === handler.bound_by;
  const grant = { appId: app.id, userId, scope: [...scopes].join(','), hops, refreshable, endsAt: handler.ends_at };
  return { grant: handler.grant_id === '' ? grant : { ...grant, grantId: handler.grant_id } };
}

function isRefreshable(event: string): boolean {
  return findEvent(event)?.refreshable === true;
}

async function authBlock(s: WriteSession, grant: Grant, { origin, memberId }: Place, life: Life): Promise<Record<string, unknown>> {
  const { refresh_token, ...answer } = tokenFields(await issueTokens(s, grant, life), origin, memberId);
  return grant.refreshable ? { ...answer, refresh_token } : answer;
}

function withoutTokens({ origin, memberId }: Place): Record<string, unknown> {
  return { domain: new URL(origin).host, client_endpoint: `${origin}/rest/`, server_endpoint: `${origin}/rest/`, member_id: memberId };
}
