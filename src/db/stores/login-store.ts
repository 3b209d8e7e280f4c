/** How people sign in: passwords, one-time links, and the sessions that follow. */
import type { Selectable } from 'kysely';
import type { Session, WriteSession } from '../database.ts';
import type { LoginSessionTable, SignInLinkTable } from '../schema-apps.ts';
import { statement } from '../statement.ts';
import type { UserRow } from './user-store.ts';

export async function findPasswordHash(s: Session, userId: number): Promise<string | undefined> {
  const [row] = await s.query((q) => q.selectFrom('password').select('hash').where('user_id', '=', userId));
  return row?.hash;
}

export async function writePassword(s: WriteSession, userId: number, hash: string, at: number): Promise<void> {
  await s.query((q) =>
    q
      .insertInto('password')
      .values({ user_id: userId, hash, changed_at: at })
      .onConflict((c) => c.column('user_id').doUpdateSet({ hash, changed_at: at })),
  );
}

export async function insertLink(s: WriteSession, link: Selectable<SignInLinkTable>, now: number): Promise<void> {
  await s.query((q) => q.deleteFrom('sign_in_link').where('expires_at', '<=', now));
  await s.query((q) => q.insertInto('sign_in_link').values(link));
}

/** Uses a link up; undefined when there is none, or when it was used before. */
export async function takeLink(s: WriteSession, linkHash: string): Promise<Selectable<SignInLinkTable> | undefined> {
  const [row] = await s.query((q) => q.deleteFrom('sign_in_link').where('link_hash', '=', linkHash).returningAll());
  return row;
}

export async function insertLogin(s: WriteSession, login: Selectable<LoginSessionTable>): Promise<void> {
  await s.query((q) =>
    q.deleteFrom('login_session').where('user_id', '=', login.user_id).where('expires_at', '<=', login.created_at),
  );
  await s.query((q) => q.insertInto('login_session').values(login));
}

const byHash = statement((q, p: { sessionHash: string }) =>
  q
    .selectFrom('login_session as l')
    .innerJoin('user as u', 'u.id', 'l.user_id')
    .selectAll('u')
    .select('l.expires_at')
    .where('l.session_hash', '=', p.sessionHash),
);

/** Whose session it is, and until when. */
export function findLogin(s: Session, sessionHash: string): Promise<(UserRow & { expires_at: number }) | undefined> {
  return s.first(byHash, { sessionHash });
}

export async function deleteLogin(s: WriteSession, sessionHash: string): Promise<void> {
  await s.query((q) => q.deleteFrom('login_session').where('session_hash', '=', sessionHash));
  s.changes.note({ what: 'credentials' });
}

/** @returns how many that were */
export async function deleteLoginsOf(s: WriteSession, userId: number): Promise<number> {
  const ended = await s.query((q) => q.deleteFrom('login_session').where('user_id', '=', userId).returning('user_id'));
  s.changes.note({ what: 'credentials' });
  return ended.length;
}
