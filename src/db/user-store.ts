import { type Insertable, type Selectable, sql, type Updateable } from 'kysely';
import type { Session, WriteSession } from './database.ts';
import type { UserTable } from './schema.ts';
import { statement } from './statement.ts';

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

/** The users that exist among `ids`, in no particular order. */
export async function findUsers(s: Session, ids: Iterable<number>): Promise<UserRow[]> {
  const wanted = [...new Set(ids)];
  const found: UserRow[] = [];
  for (let i = 0; i < wanted.length; i += 500) {
    const chunk = wanted.slice(i, i + 500);
    found.push(...(await s.query((q) => q.selectFrom('user').selectAll().where('id', 'in', chunk))));
  }
  return found;
}

const USERS_AT_ONCE = 500;

/** All people and bots by id, in chunks; between two of them the caller lets other requests run. */
export async function* allUsers(s: Session): AsyncGenerator<UserRow[]> {
  for (let after = 0; ; ) {
    const chunk = await s.query((q) => q.selectFrom('user').selectAll().where('id', '>', after).orderBy('id').limit(USERS_AT_ONCE));
    if (chunk.length > 0) yield chunk;
    if (chunk.length < USERS_AT_ONCE) return;
    after = chunk[chunk.length - 1]!.id;
  }
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
  const [row] = await s.query((q) => q.insertInto('user').values(user).returning('id'));
  return row!.id;
}

/** Columns that are only shown: everything else may decide what the user may do and see. */
const SHOWN_ONLY: ReadonlySet<string> = new Set<keyof UserTable>([
  'email', 'first_name', 'last_name', 'work_position', 'gender', 'birthday', 'color', 'avatar', 'website', 'time_zone',
  'phones', 'departments', 'profile', 'last_activity_at', 'absent_until', 'updated_at',
]);

export async function updateUser(s: WriteSession, id: number, changes: Updateable<UserTable>): Promise<void> {
  await s.query((q) => q.updateTable('user').set(changes).where('id', '=', id));
  s.touched.users.add(id);
  if (!Object.keys(changes).every((column) => SHOWN_ONLY.has(column))) s.touched.accounts.add(id);
}

const activity = statement((q, p: { id: number; at: number }) =>
  q.updateTable('user').set({ last_activity_at: p.at }).where('id', '=', p.id).where('last_activity_at', '<', p.at).returning('id'),
);

export async function recordActivity(s: WriteSession, id: number, at: number): Promise<void> {
  if (await s.first(activity, { id, at })) s.touched.users.add(id);
}

const sharedGroup = statement((q, p: { a: number; b: number }) =>
  q
    .selectFrom('member as a')
    .innerJoin('member as b', 'b.chat_id', 'a.chat_id')
    .select('a.chat_id')
    .where('a.user_id', '=', p.a)
    .where('b.user_id', '=', p.b)
    .where('a.type', '<>', 'P')
    .where('a.left_at', '=', 0)
    .where('b.left_at', '=', 0)
    .limit(1),
);

/** Whether two users are members of one group chat: what an extranet user may see rests on it. */
export async function shareGroup(s: Session, a: number, b: number): Promise<boolean> {
  return (await s.first(sharedGroup, { a, b })) !== undefined;
}
