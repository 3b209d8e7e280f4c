import { type Compilable, type Insertable, type Selectable, sql, type Updateable } from 'kysely';
import type { Database, Session, WriteSession } from '../database.ts';
import type { UserTable } from '../schema.ts';
import { currentRevision } from '../revision.ts';
import { type Builder, statement } from '../statement.ts';
import { INDEX_VERSION, indexUsers } from './user-index.ts';

export type UserRow = Selectable<UserTable>;
export type NewUser = Insertable<UserTable>;

const byId = statement((q, p: { id: number }) => q.selectFrom('user').selectAll().where('id', '=', p.id));
const byEmail = statement((q, p: { email: string }) =>
  q.selectFrom('user').select('id').where('email', '=', p.email).where('email', '<>', sql.lit('')),
);

export function findUser(s: Session, id: number): Promise<UserRow | undefined> {
  return s.first(byId, { id });
}

const lock = statement((q, p: { id: number }) => q.selectFrom('user').select('id').where('id', '=', p.id).forNoKeyUpdate());

/** Keeps the same user's other calls waiting until the unit of work ends: for limits on what one user may have. */
export async function lockUser(s: WriteSession, id: number): Promise<void> {
  await s.all(lock, { id });
}

/** The users that exist among `ids`, by ascending id. */
export async function findUsers(s: Session, ids: Iterable<number>): Promise<UserRow[]> {
  const wanted = [...new Set(ids)].sort((a, b) => a - b);
  const found: UserRow[] = [];
  for (let i = 0; i < wanted.length; i += 500) {
    const chunk = wanted.slice(i, i + 500);
    found.push(...(await s.query((q) => q.selectFrom('user').selectAll().where('id', 'in', chunk).orderBy('id'))));
  }
  return found;
}

const changedUsers = statement((q, p: { rev: number; since: number }) =>
  q.selectFrom('user').select('id').where('rev', '>=', p.rev).where('updated_at', '>=', p.since),
);

/** Who looks different since: users with this revision or a higher one, changed at `since` (milliseconds) or later. */
export async function usersChangedSince(s: Pick<Session, 'all'>, rev: number, since: number): Promise<Set<number>> {
  return new Set((await s.all(changedUsers, { rev, since })).map(({ id }) => id));
}

/** How many users there are, and how many of them are active administrators. */
export async function countUsers(s: Session): Promise<{ users: number; admins: number }> {
  const [row] = await s.query((q) =>
    q.selectFrom('user').select((eb) => [
      eb.fn.countAll<number>().as('users'),
      sql<number>`coalesce(sum(case when admin = 1 and active = 1 then 1 else 0 end), 0)`.as('admins'),
    ]),
  );
  return row!;
}

export async function findUserIdByEmail(s: Session, email: string): Promise<number | undefined> {
  return (await s.first(byEmail, { email }))?.id;
}

export async function insertUser(s: WriteSession, user: NewUser): Promise<number> {
  const rows = await s.query((q) => q.insertInto('user').values({ ...user, index_version: INDEX_VERSION, rev: currentRevision }).returningAll());
  await indexUsers(s, rows);
  s.changes.dueAt(user.absent_until);
  return rows[0]!.id;
}

const fromOne = { compile: (q: Builder) => sql<object>`select setval(pg_get_serial_sequence('"user"', 'id'), 1, false)`.compile(q) };

/** Lets the next user be number 1. A first start that broke off has left no user on PostgreSQL, but has taken the number. */
export async function restartUserIds(s: WriteSession, engine: Database['engine']): Promise<void> {
  if (engine === 'postgres') await s.query((q) => ({ compile: () => fromOne.compile(q) }) as Compilable<object>);
}

/** Columns that are only shown: everything else may decide what the user may do and see. */
const SHOWN_ONLY: ReadonlySet<string> = new Set<keyof UserTable>([
  'email', 'first_name', 'last_name', 'work_position', 'gender', 'birthday', 'color', 'avatar', 'website', 'time_zone',
  'phones', 'departments', 'profile', 'last_activity_at', 'absent_until', 'status', 'idle_at', 'updated_at',
]);

export async function updateUser(s: WriteSession, id: number, changes: Updateable<UserTable>): Promise<void> {
  const rows = await s.query((q) =>
    q.updateTable('user').set({ ...changes, index_version: INDEX_VERSION, rev: currentRevision }).where('id', '=', id).returningAll(),
  );
  await indexUsers(s, rows);
  s.changes.dueAt(changes.absent_until ?? 0);
  s.changes.user(id, !Object.keys(changes).every((column) => SHOWN_ONLY.has(column)));
}

/** Nodes write theirs down a little later: an activity that comes after a newer one is no news. */
const LATE_MS = 60_000;

const activity = statement((q, p: { id: number; at: number; ahead: number }) =>
  q
    .updateTable('user')
    .set({ last_activity_at: p.at })
    .where('id', '=', p.id)
    .where((eb) => eb.or([eb('last_activity_at', '<', p.at), eb('last_activity_at', '>', p.ahead)]))
    .returning('id'),
);

/** Also where the one before is dated ahead, by a clock that has been set back since. */
export async function recordActivity(s: WriteSession, id: number, at: number): Promise<void> {
  if (await s.first(activity, { id, at, ahead: at + LATE_MS })) s.changes.users.add(id);
}
