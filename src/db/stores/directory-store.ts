/** Everybody there is, as administrators look at them: found by words, with what they sign in by. */
import { type ExpressionBuilder, sql, type SqlBool } from 'kysely';
import type { Session } from '../database.ts';
import type { Schema, UserTable } from '../schema.ts';
import type { Builder } from '../statement.ts';
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

type Tables = Schema & { u: UserTable };

export async function countDirectory(s: Session, query: DirectoryQuery): Promise<number> {
  const [row] = await s.query((q) => wanted(q, query).select((eb) => eb.fn.countAll<number>().as('users')));
  return row!.users;
}

/** A page by number, the newest first. @param now milliseconds since 1970 */
export function readDirectory(s: Session, query: DirectoryQuery, page: { offset: number; limit: number }, now: number): Promise<DirectoryRow[]> {
  return s.query((q) =>
    wanted(q, query)
      .selectAll('u')
      .select((eb) => [
        eb.selectFrom('password as p').select((e) => e.fn.countAll<number>().as('c')).whereRef('p.user_id', '=', 'u.id').as('has_password'),
        eb.selectFrom('login_session as l').select((e) => e.fn.countAll<number>().as('c')).whereRef('l.user_id', '=', 'u.id').where('l.expires_at', '>', now).as('sessions'),
        eb.selectFrom('webhook as w').select((e) => e.fn.countAll<number>().as('c')).whereRef('w.user_id', '=', 'u.id').as('webhooks'),
      ])
      .orderBy('u.id', 'desc')
      .limit(page.limit)
      .offset(page.offset),
  ) as Promise<DirectoryRow[]>;
}

function wanted(q: Builder, { state, words, id }: DirectoryQuery) {
  return q.selectFrom('user as u').where((eb) => {
    const named = words.map((word) => wordTruth(eb, word));
    const found = id > 0 ? eb.or([eb('u.id', '=', id), eb.and(named)]) : eb.and(named);
    return words.length === 0 ? stateTruth(eb, state) : eb.and([stateTruth(eb, state), found]);
  });
}

function wordTruth(eb: ExpressionBuilder<Tables, 'u'>, word: string) {
  const like = word.replaceAll(/[\\%_]/g, '\\$&');
  const field = (name: string, pattern: string) =>
    eb('u.id', 'in', eb.selectFrom('user_field as f').select('f.user_id').where('f.field', '=', name).where(sql<SqlBool>`f.value like ${pattern} escape '\\'`));
  return eb.or([field('search', `% ${like}%`), field('email', `%${like}%`)]);
}

function stateTruth(eb: ExpressionBuilder<Tables, 'u'>, state: DirectoryQuery['state']) {
  switch (state) {
    case 'all': return eb.and([]);
    case 'active': return eb.and([eb('u.active', '=', 1), eb('u.external_auth_id', '<>', 'bot')]);
    case 'dismissed': return eb('u.active', '=', 0);
    case 'administrators': return eb.and([eb('u.admin', '=', 1), eb('u.active', '=', 1)]);
    case 'guests': return eb('u.extranet', '=', 1);
    case 'bots': return eb('u.external_auth_id', '=', 'bot');
  }
}
