/** What tokens are judged by: each start of a server begins a generation, and a token says in which one it was given. */
import type { Session, WriteSession } from '../database.ts';
import { currentRevision } from '../revision.ts';
import { statement } from '../statement.ts';

/** What a query sees: every row that is committed and has a lower revision than the token. */
export interface Snapshot {
  token: number;
  /** The newest start of a server. */
  generation: number;
}

const current = statement((q, _p: object) => q.selectFrom('snapshot').select(['token', 'generation']));

export async function snapshot(s: Session): Promise<Snapshot> {
  return (await s.first(current, {}))!;
}

/** @param now milliseconds */
export async function beginGeneration(s: WriteSession, nonce: string, now: number): Promise<void> {
  await s.query((q) => q.insertInto('generation').values({ nonce, rev: currentRevision, started_at: now }));
}

export interface Generation {
  id: number;
  /** Where the changes of later ones begin, at the lowest; null when there is no later one. */
  laterRev: number | null;
}

const byNonce = statement((q, p: { nonce: string }) =>
  q
    .selectFrom('generation as g')
    .select((eb) => [
      'g.id',
      eb.selectFrom('generation as later').select((inner) => inner.fn.min('later.rev').as('rev')).whereRef('later.id', '>', 'g.id').as('laterRev'),
    ])
    .where('g.nonce', '=', p.nonce),
);

/** The generation that has given itself this name; undefined when none has in this database, or so long ago that it is forgotten. */
export function findGeneration(s: Session, nonce: string): Promise<Generation | undefined> {
  return s.first(byNonce, { nonce });
}

export async function nonceOf(s: Session, id: number): Promise<string> {
  const [row] = await s.query((q) => q.selectFrom('generation').select('nonce').where('id', '=', id));
  return row?.nonce ?? '';
}
