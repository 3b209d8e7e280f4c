/** Who calls, by the hash of the secret that was sent: everything that lets them in or keeps them out, in one statement. */
import { type ExpressionBuilder, sql } from 'kysely';
import type { Schema } from '../schema.ts';
import { type Builder, statement } from '../statement.ts';
import { stateSeen } from '../stillness.ts';
import { type Changed, changedQuery, type ChangeQuery, readChanged } from './change-store.ts';

/** Counts what is set on the portal and what is rehearsed: whoever has read either knows by it whether that still stands. */
export const PORTAL_VERSION = 'portal';

function portalVersion(eb: ExpressionBuilder<Schema, never>) {
  return eb.selectFrom('sequence').select('value').where('name', '=', sql.lit(PORTAL_VERSION));
}

/** One row whatever is found: the version is told in any case. */
const always = sql<{ one: number }>`(select 1 as one)`.as('call');

function byWebhook(q: Builder, p: { codeHash: string }) {
  return q
    .selectFrom(always)
    .leftJoin('webhook as w', (join) => join.on('w.code_hash', '=', p.codeHash).on('w.active', '=', sql.lit(1 as const)))
    .leftJoin('user as u', 'u.id', 'w.user_id')
    .select((eb) => [
      portalVersion(eb as never).as('version'), stateSeen, 'w.id', 'w.user_id', 'w.scope', 'w.held', 'u.active as user_active', 'u.admin', 'u.extranet',
    ]);
}

function byToken(q: Builder, p: { accessHash: string }) {
  return q
    .selectFrom(always)
    .leftJoin('oauth_token as t', (join) => join.on('t.access_hash', '=', p.accessHash))
    .leftJoin('app as a', 'a.id', 't.app_id')
    .leftJoin('user as u', 'u.id', 't.user_id')
    .select((eb) => [
      portalVersion(eb as never).as('version'), 't.id as token_id', 't.user_id', 't.app_id', 't.scope', 't.created_at', 't.expires_at', 't.hops', 't.grant_id',
      't.refreshable', 'a.client_id', 'a.active as app_active', 'a.held', 'a.user_ids', 'a.scope as app_scope', 'u.active as user_active', 'u.admin',
      'u.extranet',
    ]);
}

function bySession(q: Builder, p: { sessionHash: string }) {
  return q
    .selectFrom(always)
    .leftJoin('login_session as l', (join) => join.on('l.session_hash', '=', p.sessionHash))
    .leftJoin('user as u', 'u.id', 'l.user_id')
    .select((eb) => [portalVersion(eb as never).as('version'), 'l.user_id', 'l.created_at', 'l.expires_at', 'u.active as user_active', 'u.admin', 'u.extranet']);
}

export const callerBySession = statement(bySession);
export const callerByWebhook = statement(byWebhook);
export const callerByToken = statement(byToken);

/** The changes of a list beside each row of who calls, which is one. */
function changes(q: Builder, p: ChangeQuery) {
  return q.selectFrom(changedQuery(q, p).as('change')).select(['change.kind', 'change.id as change_id', 'change.rev', 'change.seen']);
}

/** The same, and what has changed in the list of the user whom the secret stood for when it was seen last. */
export const callerByWebhookWithChanges = statement((q, p: { codeHash: string } & ChangeQuery) =>
  q.selectFrom([byWebhook(q, p).as('caller'), changes(q, p).as('changes')]).selectAll('caller').selectAll('changes'),
);
export const callerByTokenWithChanges = statement((q, p: { accessHash: string } & ChangeQuery) =>
  q.selectFrom([byToken(q, p).as('caller'), changes(q, p).as('changes')]).selectAll('caller').selectAll('changes'),
);
export const callerBySessionWithChanges = statement((q, p: { sessionHash: string } & ChangeQuery) =>
  q.selectFrom([bySession(q, p).as('caller'), changes(q, p).as('changes')]).selectAll('caller').selectAll('changes'),
);

/** Of rows of such a statement. */
export function changesBeside(rows: ReadonlyArray<{ kind: number; change_id: number; rev: number; seen: string | null }>): Changed {
  return readChanged(rows.map(({ kind, change_id: id, rev, seen }) => ({ kind, id, rev, seen })));
}

type Known<Row> = { [K in keyof Row]: K extends 'version' | 'state' | 'user_active' | 'admin' | 'extranet' ? Row[K] : NonNullable<Row[K]> };

/** The user may be missing, nothing else is. */
export type WebhookCaller = Known<(typeof callerByWebhook)['row']>;
export type TokenCaller = Known<(typeof callerByToken)['row']>;
export type SessionCaller = Known<(typeof callerBySession)['row']>;
