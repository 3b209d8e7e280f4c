/** Everybody there is, as administrators look at them: found by words, with what they sign in by. */
import type { Session } from '../database.ts';
import type { Condition, NumberColumn } from './user-search.ts';
import type { UserRow } from './user-store.ts';

export const DIRECTORY_STATES = ['all', 'active', 'dismissed', 'administrators', 'guests', 'bots'] as const;

export interface DirectoryQuery {
  state: (typeof DIRECTORY_STATES)[number];
  /** Beginnings of words of names, positions and addresses, folded. */
  words: readonly string[];
  /** This user too, whatever they are called; 0 for nobody. */
  id: number;
}

/** Somebody with what they sign in by. */
export type DirectoryRow = UserRow & {
  has_password: number;
  /** Sign-ins that have not ended. */
  sessions: number;
  webhooks: number;
};

/** Whom the query means. */
export function listedIn({ state, words, id }: DirectoryQuery): Condition {
  const named: Condition = { all: words.map((word) => ({ any: [{ text: 'search', is: { op: 'like', pieces: ['', ` ${word}`, ''] } }, { text: 'email', is: { op: 'like', pieces: ['', word, ''] } }] })) };
  const found: Condition = id > 0 ? { any: [column('id', id), named] } : named;
  return words.length === 0 ? STATES[state] : { all: [STATES[state], found] };
}

const column = (number: NumberColumn, value: number): Condition => ({ number, is: { op: 'in', values: [value] } });
const BOT: Condition = { auth: ['bot'] };
const STATES: Readonly<Record<DirectoryQuery['state'], Condition>> = {
  all: { all: [] },
  active: { all: [column('active', 1), { not: BOT }] },
  dismissed: column('active', 0),
  administrators: { all: [column('admin', 1), column('active', 1)] },
  guests: column('extranet', 1),
  bots: BOT,
};

/** Some of them, the newest first. @param now milliseconds since 1970 */
export async function readDirectory(s: Session, ids: readonly number[], now: number): Promise<DirectoryRow[]> {
  if (ids.length === 0) return [];
  return s.query((q) =>
    q
      .selectFrom('user as u')
      .selectAll('u')
      .select((eb) => [
        eb.selectFrom('password as p').select((e) => e.fn.countAll<number>().as('c')).whereRef('p.user_id', '=', 'u.id').as('has_password'),
        eb.selectFrom('login_session as l').select((e) => e.fn.countAll<number>().as('c')).whereRef('l.user_id', '=', 'u.id').where('l.expires_at', '>', now).as('sessions'),
        eb.selectFrom('webhook as w').select((e) => e.fn.countAll<number>().as('c')).whereRef('w.user_id', '=', 'u.id').as('webhooks'),
      ])
      .where('u.id', 'in', ids)
      .orderBy('u.id', 'desc'),
  ) as Promise<DirectoryRow[]>;
}
