/** Keeps `user_field` and `user_department` in step with `user`. */
import type { Selectable } from 'kysely';
import type { Database, Session, WriteSession } from '../database.ts';
import { fold, wordsOf } from '../fold.ts';
import type { UserTable } from '../schema.ts';

type UserRow = Selectable<UserTable>;

/** Grows with every change of what is written below: the rows of an older reading are written anew at the next start. */
export const INDEX_VERSION = 1;
const USERS_AT_ONCE = 200;
const ROWS_AT_ONCE = 500;

const TEXT_COLUMNS = ['first_name', 'last_name', 'email', 'work_position', 'gender', 'website', 'avatar', 'time_zone'] as const;

/** Text by which a user is found: columns, phones and profile fields by their own names, and `search` for several at once. */
function textsOf(user: UserRow): Map<string, string> {
  const profile = JSON.parse(user.profile) as Record<string, string>;
  const [day, month] = user.birthday.split('-');
  const texts = Object.entries({
    ...Object.fromEntries(TEXT_COLUMNS.map((column) => [column, user[column]])),
    ...(JSON.parse(user.phones) as Record<string, string>),
    ...profile,
    birthday: day && month ? `${month}-${day}` : '',
    search: searchText([user.first_name, user.last_name, profile['SECOND_NAME'] ?? '', user.work_position]),
  });
  return new Map(texts.filter(([, text]) => text !== '').map(([field, text]) => [field, fold(text)]));
}

/** Words with a space before each, so that ` an` finds those that begin so. */
function searchText(texts: readonly string[]): string {
  return texts.flatMap(wordsOf).map((word) => ` ${word}`).join('');
}

/** Writes down what the users are found by; whatever was written before goes. */
export async function indexUsers(s: WriteSession, users: readonly UserRow[]): Promise<void> {
  const ids = users.map((user) => user.id);
  if (ids.length === 0) return;
  await s.query((q) => q.deleteFrom('user_field').where('user_id', 'in', ids));
  await s.query((q) => q.deleteFrom('user_department').where('user_id', 'in', ids));
  const fields = users.flatMap((user) => [...textsOf(user)].map(([field, value]) => ({ field, user_id: user.id, value })));
  for (let i = 0; i < fields.length; i += ROWS_AT_ONCE) {
    await s.query((q) => q.insertInto('user_field').values(fields.slice(i, i + ROWS_AT_ONCE)));
  }
  const departments = users.flatMap((user) =>
    [...new Set(JSON.parse(user.departments) as number[])].map((id) => ({ user_id: user.id, department_id: id })),
  );
  for (let i = 0; i < departments.length; i += ROWS_AT_ONCE) {
    await s.query((q) => q.insertInto('user_department').values(departments.slice(i, i + ROWS_AT_ONCE)));
  }
}

function outdated(s: Session): Promise<UserRow[]> {
  return s.query((q) => q.selectFrom('user').selectAll().where('index_version', '<', INDEX_VERSION).orderBy('id').limit(USERS_AT_ONCE));
}

/** Brings the index of users whom an older release wrote up to date, in short transactions. */
export async function refillUserIndex(db: Database): Promise<void> {
  while ((await db.read(outdated)).length > 0) {
    await db.write(async (s) => {
      const claimed = await claim(s, (await outdated(s)).map((user) => user.id));
      await indexUsers(s, claimed);
    });
  }
}

/** Marks the users and keeps other nodes, which may do the same, waiting: ascending, so that they never wait for each other. */
async function claim(s: WriteSession, ids: readonly number[]): Promise<UserRow[]> {
  const claimed: UserRow[] = [];
  for (const id of ids) {
    const [user] = await s.query((q) =>
      q.updateTable('user').set({ index_version: INDEX_VERSION }).where('id', '=', id).where('index_version', '<', INDEX_VERSION).returningAll(),
    );
    if (user) claimed.push(user);
  }
  return claimed;
}
