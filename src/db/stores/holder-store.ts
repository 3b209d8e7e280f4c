/** Webhooks, tokens and sessions by their numbers. */
import { hashBeginning } from '../../base/caller.ts';
import type { Database } from '../database.ts';
import { statement } from '../statement.ts';

const webhookHash = statement((q, p: { id: number }) => q.selectFrom('webhook').select('code_hash as hash').where('id', '=', p.id));
const tokenHash = statement((q, p: { id: number }) => q.selectFrom('oauth_token').select('access_hash as hash').where('id', '=', p.id));
const sessionHash = statement((q, p: { from: string; below: string; userId: number }) =>
  q.selectFrom('login_session').select('session_hash as hash').where('session_hash', '>=', p.from).where('session_hash', '<', p.below).where('user_id', '=', p.userId),
);

/** Comes after every digit. */
const PAST_DIGITS = 'g';

interface Holder {
  kind: 'webhook' | 'token' | 'session';
  id: number;
  userId: number;
}

/** By what its secret is known; undefined for one that is no longer there. */
export async function secretHashOf(db: Pick<Database, 'all'>, { kind, id, userId }: Holder): Promise<string | undefined> {
  if (kind === 'session') {
    const from = hashBeginning(id);
    return (await db.all(sessionHash, { from, below: from + PAST_DIGITS, userId }))[0]?.hash;
  }
  return (await db.all(kind === 'webhook' ? webhookHash : tokenHash, { id }))[0]?.hash;
}
