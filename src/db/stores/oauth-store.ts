/** Codes and pairs of tokens, by the hashes of what was given out. */
import { type Selectable, sql } from 'kysely';
import type { Session, WriteSession } from '../database.ts';
import type { OauthCodeTable, OauthTokenTable } from '../schema-apps.ts';
import { statement } from '../statement.ts';

export type CodeRow = Selectable<OauthCodeTable>;
export type TokenRow = Selectable<OauthTokenTable>;

export async function insertCode(s: WriteSession, code: CodeRow): Promise<void> {
  await s.query((q) => q.insertInto('oauth_code').values(code));
}

/** The code, if it is of this application, used or not; it is used up by {@link useCode}. */
export async function findCode(s: Session, codeHash: string, appId: number): Promise<CodeRow | undefined> {
  const [row] = await s.query((q) =>
    q.selectFrom('oauth_code').selectAll().where('code_hash', '=', codeHash).where('app_id', '=', appId),
  );
  return row;
}

/**
 * Uses a code up, but remembers what it was used for: whoever uses it again has stolen it, or was robbed of it.
 *
 * @returns false when somebody else has used it in the meantime
 */
export async function useCode(s: WriteSession, codeHash: string, grantId: string, keepUntil: number): Promise<boolean> {
  const used = await s.query((q) =>
    q
      .updateTable('oauth_code')
      .set({ grant_id: grantId, expires_at: keepUntil })
      .where('code_hash', '=', codeHash)
      .where('grant_id', '=', '')
      .returning('app_id'),
  );
  return used.length > 0;
}

const insert = statement((q, p: Omit<TokenRow, 'id'>) =>
  q
    .insertInto('oauth_token')
    .values({
      grant_id: p.grant_id,
      access_hash: p.access_hash,
      refresh_hash: p.refresh_hash,
      app_id: p.app_id,
      user_id: p.user_id,
      scope: p.scope,
      expires_at: p.expires_at,
      refresh_expires_at: p.refresh_expires_at,
      refreshable: p.refreshable,
      refreshed_at: p.refreshed_at,
      hops: p.hops,
      created_at: p.created_at,
    })
    .returning('id'),
);

export async function insertTokens(s: WriteSession, tokens: Omit<TokenRow, 'id'>): Promise<number> {
  return (await s.first(insert, tokens))!.id;
}

// Locked, so that two uses of one refresh token come one after the other.
const byRefreshHash = statement((q, p: { refreshHash: string; appId: number }) =>
  q
    .selectFrom('oauth_token')
    .selectAll()
    .where('refresh_hash', '=', p.refreshHash)
    .where('app_id', '=', p.appId)
    .forNoKeyUpdate(),
);

export function lockRefresh(s: WriteSession, refreshHash: string, appId: number): Promise<TokenRow | undefined> {
  return s.first(byRefreshHash, { refreshHash, appId });
}

export async function markRefreshed(s: WriteSession, id: number, at: number, keepUntil: number): Promise<void> {
  await s.query((q) =>
    q.updateTable('oauth_token').set({ refreshed_at: at, refresh_expires_at: keepUntil }).where('id', '=', id),
  );
}

/** When the last refresh token that follows from a sign-in expires; 0 when there is none. */
export async function grantEnd(s: Session, grantId: string): Promise<number> {
  const [row] = await s.query((q) =>
    q
      .selectFrom('oauth_token')
      .select((eb) => eb.fn.coalesce(eb.fn.max('refresh_expires_at'), sql.lit(0)).as('end'))
      .where('grant_id', '=', grantId)
      .where('refreshable', '=', 1),
  );
  return Number(row?.end ?? 0);
}

/**
 * Ends all that follows from one sign-in: its pairs and the handlers that were bound with them, also those that a
 * concurrent refresh, binding or delivery adds meanwhile. Handlers may have been given tokens of other users.
 */
export async function deleteGrant(s: WriteSession, grantId: string): Promise<void> {
  s.changes.note({ what: 'credentials' });
  for (let gone = 1; gone > 0; ) {
    const handlers = await s.query((q) => q.deleteFrom('event_handler').where('grant_id', '=', grantId).returning('id'));
    const tokens = await s.query((q) => q.deleteFrom('oauth_token').where('grant_id', '=', grantId).returning('id'));
    gone = handlers.length + tokens.length;
  }
}

const ofGrant = statement((q, p: { grantId: string }) => q.selectFrom('oauth_token').select('id').where('grant_id', '=', p.grantId).limit(1).forKeyShare());

/** Whether a sign-in has not been ended. Locked, so that whoever ends it at this moment finds what is done in its name. */
export async function lockGrant(s: WriteSession, grantId: string): Promise<boolean> {
  return (await s.first(ofGrant, { grantId })) !== undefined;
}

/** Deletes some of what nobody can use any more; what is left goes the next time. */
export async function deleteExpiredGrants(s: WriteSession, before: number, most: number): Promise<void> {
  const codes = await s.query((q) => q.selectFrom('oauth_code').select('code_hash').where('expires_at', '<', before).limit(most));
  if (codes.length > 0) await s.query((q) => q.deleteFrom('oauth_code').where('code_hash', 'in', codes.map((row) => row.code_hash)));
  const tokens = await s.query((q) =>
    q.selectFrom('oauth_token').select('id').where('refresh_expires_at', '<', before).orderBy('refresh_expires_at').limit(most),
  );
  if (tokens.length > 0) await s.query((q) => q.deleteFrom('oauth_token').where('id', 'in', tokens.map((row) => row.id)));
}
