/** Webhooks and tokens by their numbers. */
import type { Database } from '../database.ts';
import { statement } from '../statement.ts';

const webhookHash = statement((q, p: { id: number }) => q.selectFrom('webhook').select('code_hash as hash').where('id', '=', p.id));
const tokenHash = statement((q, p: { id: number }) => q.selectFrom('oauth_token').select('access_hash as hash').where('id', '=', p.id));

/** By what its secret is known; undefined for one that is no longer there. */
export async function secretHashOf(db: Pick<Database, 'all'>, { kind, id }: { kind: 'webhook' | 'token'; id: number }): Promise<string | undefined> {
  const [row] = await db.all(kind === 'webhook' ? webhookHash : tokenHash, { id });
  return row?.hash;
}
