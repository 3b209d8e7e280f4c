/** Who calls, by the hash of the secret that was sent: everything that lets them in or keeps them out, in one statement. */
import { type ExpressionBuilder, sql } from 'kysely';
import type { Schema } from '../schema.ts';
import { statement } from '../statement.ts';

/** Counts what is set on the portal and what is rehearsed: whoever has read either knows by it whether that still stands. */
export const PORTAL_VERSION = 'portal';

function portalVersion(eb: ExpressionBuilder<Schema, never>) {
  return eb.selectFrom('sequence').select('value').where('name', '=', sql.lit(PORTAL_VERSION));
}

/** One row whatever is found: the version is told in any case. */
const always = sql<{ one: number }>`(select 1 as one)`.as('call');

export const callerByWebhook = statement((q, p: { codeHash: string }) =>
  q
    .selectFrom(always)
    .leftJoin('webhook as w', (join) => join.on('w.code_hash', '=', p.codeHash).on('w.active', '=', sql.lit(1 as const)))
    .leftJoin('user as u', 'u.id', 'w.user_id')
    .select((eb) => [
      portalVersion(eb as never).as('version'), 'w.id', 'w.user_id', 'w.scope', 'w.held', 'u.active as user_active', 'u.admin', 'u.extranet',
    ]),
);

export const callerByToken = statement((q, p: { accessHash: string }) =>
  q
    .selectFrom(always)
    .leftJoin('oauth_token as t', (join) => join.on('t.access_hash', '=', p.accessHash))
    .leftJoin('app as a', 'a.id', 't.app_id')
    .leftJoin('user as u', 'u.id', 't.user_id')
    .select((eb) => [
      portalVersion(eb as never).as('version'), 't.user_id', 't.app_id', 't.scope', 't.created_at', 't.expires_at', 't.hops', 't.grant_id',
      't.refreshable', 'a.client_id', 'a.active as app_active', 'a.held', 'a.user_ids', 'a.scope as app_scope', 'u.active as user_active', 'u.admin',
      'u.extranet',
    ]),
);

type Known<Row> = { [K in keyof Row]: K extends 'version' | 'user_active' | 'admin' | 'extranet' ? Row[K] : NonNullable<Row[K]> };

/** The user may be missing, nothing else is. */
export type WebhookCaller = Known<(typeof callerByWebhook)['row']>;
export type TokenCaller = Known<(typeof callerByToken)['row']>;
