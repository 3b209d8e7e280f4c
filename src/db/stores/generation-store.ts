/** What tokens are judged by: each start of a server begins a generation, and a token says in which one it was given. */
import type { Session, WriteSession } from '../database.ts';
import { currentRevision } from '../revision.ts';
import { statement } from '../statement.ts';

/** What a query sees: every row that is committed and has a lower revision than the token. */
export interface Seen {
  token: number;
  /** Of the revisions from the token up to this one all are seen but those in `open`; no higher than the token where there are none. */
  top: number;
  /** Transactions that were under way, as far as they are below `top`. */
  open: readonly number[];
}

export interface Snapshot extends Seen {
  /** The newest start of a server. */
  generation: number;
}

/** More transactions under way than these are not told apart: what is at the token or above may come again. */
const MOST_OPEN = 16;

/** @param open comma-separated */
export function seenOf(token: number, top: number, open: string): Seen {
  const below = open === '' ? [] : open.split(',').map(Number).filter((rev) => rev >= token && rev < top);
  return top > token && below.length <= MOST_OPEN ? { token, top, open: below } : { token, top: token, open: [] };
}

/** Whether a committed row of this revision was seen. */
export function isSeen(rev: number, { token, top, open }: Seen): boolean {
  return rev < token || (rev < top && !open.includes(rev));
}

const current = statement((q, _p: object) => q.selectFrom('snapshot').select(['token', 'top', 'open', 'generation']));

export async function snapshot(s: Session): Promise<Snapshot> {
  const { token, top, open, generation } = (await s.first(current, {}))!;
  return { ...seenOf(token, top, open), generation };
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
