/** Finds users: conditions and an order become one query with a limit, the same on both engines. */
import { type Expression, type ExpressionBuilder, type RawBuilder, type SelectQueryBuilder, type SqlBool, sql } from 'kysely';
import type { Session } from '../database.ts';
import { fold } from '../fold.ts';
import type { Schema, UserTable } from '../schema.ts';
import type { Builder } from '../statement.ts';
import { sharedChats } from './meeting-store.ts';

/** How a value is compared. `like` gives the pieces of text between which anything may stand. */
export type Test<V extends number | string> =
  | { op: 'in'; values: readonly V[] }
  | { op: '>' | '>=' | '<' | '<='; value: V }
  | { op: 'like'; pieces: readonly string[] };

export type NumberColumn = 'id' | 'active' | 'extranet' | 'created_at' | 'updated_at' | 'last_activity_at';

/** Which users are meant. Text is compared folded, and somebody without a text as if it were empty. */
export type Condition =
  | { all: readonly Condition[] }
  | { any: readonly Condition[] }
  | { not: Condition }
  | { number: NumberColumn; is: Test<number> }
  /** A field of `user_field`. */
  | { text: string; is: Test<string> }
  /** Any of the user's departments. */
  | { department: Test<number> }
  /** The name of any of the user's departments. */
  | { departmentName: Test<string> }
  /** Member of some department. */
  | { placed: true }
  /** The word in `user.external_auth_id`. */
  | { auth: readonly string[] }
  /** Member of a group chat in which this user is too; `guest` says whether that is the guest of the two. */
  | { sharesGroupWith: number; guest: boolean };

export type SortKey = { number: NumberColumn; descending: boolean } | { text: string; descending: boolean } | { department: true; descending: boolean };

export interface UserQuery {
  condition: Condition;
  /** The id decides what is left undecided, ascending. */
  order: readonly SortKey[];
}

type Tables = Schema & { u: UserTable };
type Build = ExpressionBuilder<Tables, 'u'>;
type Truth = Expression<SqlBool>;

/** How much of a text the index on it holds, in characters. */
const INDEXED = 100;

/** How many users the condition is true of. */
export async function countMatching(s: Session, condition: Condition): Promise<number> {
  const [row] = await s.query((q) =>
    q
      .selectFrom('user as u')
      .select((eb) => eb.fn.countAll<number>().as('users'))
      .where((eb) => truthOf(q, eb, condition)),
  );
  return row!.users;
}

/** A page of the users the condition is true of, as ids in order. */
export async function findMatching(s: Session, { condition, order }: UserQuery, offset: number, limit: number): Promise<number[]> {
  const rows = await s.query((q) => {
    let query = q.selectFrom('user as u').select('u.id').where((eb) => truthOf(q, eb, condition));
    for (const key of order) query = query.orderBy(sortValue(q, key), key.descending ? 'desc' : 'asc');
    return query.orderBy('u.id').limit(limit).offset(offset);
  });
  return rows.map((row) => row.id);
}

function sortValue(q: Builder, key: SortKey): RawBuilder<unknown> {
  if ('number' in key) return sql`u.${sql.ref(key.number)}`;
  if ('text' in key) {
    const value = q.selectFrom('user_field as f').select('f.value').where('f.field', '=', key.text).whereRef('f.user_id', '=', sql.ref('u.id'));
    return sql`coalesce((${value}), '')`;
  }
  const first = q.selectFrom('user_department as d').select((eb) => eb.fn.min('d.department_id').as('first')).whereRef('d.user_id', '=', sql.ref('u.id'));
  return sql`coalesce((${first}), 0)`;
}

function truthOf(q: Builder, eb: Build, condition: Condition): Truth {
  if ('all' in condition) return eb.and(condition.all.map((part) => truthOf(q, eb, part)));
  if ('any' in condition) return eb.or(condition.any.map((part) => truthOf(q, eb, part)));
  if ('not' in condition) return eb.not(truthOf(q, eb, condition.not));
  if ('number' in condition) return compare(sql.ref(`u.${condition.number}`), condition.is);
  if ('text' in condition) return textTruth(q, eb, condition.text, condition.is);
  if ('sharesGroupWith' in condition) {
    const [id, other] = [sql.ref('u.id'), condition.sharesGroupWith];
    return eb.exists(condition.guest ? sharedChats(q, other, id) : sharedChats(q, id, other));
  }
  if ('auth' in condition) return eb('u.external_auth_id', 'in', [...condition.auth]);
  return eb('u.id', 'in', membersBy(q, condition));
}

type Membership = Extract<Condition, { department: unknown } | { departmentName: unknown } | { placed: unknown }>;

function membersBy(q: Builder, condition: Membership): SelectQueryBuilder<Schema, never, { user_id: number }> {
  const placed = q.selectFrom('user_department as d').select('d.user_id');
  if ('placed' in condition) return placed;
  if ('department' in condition) return placed.where(compare(sql.ref('d.department_id'), condition.department));
  const named = q.selectFrom('department as n').select('n.id').where(compare(sql.ref('n.name_key'), folded(condition.departmentName)));
  return placed.where('d.department_id', 'in', named);
}

/** Empty texts have no rows, so a test that an empty text passes is about those who have no row that fails it. */
function textTruth(q: Builder, eb: Build, field: string, given: Test<string>): Truth {
  const [test, value] = [folded(given), sql.ref('f.value')];
  const rows = q.selectFrom('user_field as f').select('f.user_id').where('f.field', '=', field);
  if (holdsForEmpty(test)) return eb('u.id', 'not in', rows.where(sql<SqlBool>`not (${compare(value, test)})`));
  const found = rows.where(compare(value, test));
  return eb('u.id', 'in', test.op === 'in' ? found.where(compare(sql`substr(f.value, 1, 100)`, beginnings(test.values))) : found);
}

/** What the index knows of the texts; those with the same beginning are told apart by the whole text. */
function beginnings(values: readonly string[]): Test<string> {
  return { op: 'in', values: values.map((value) => [...value].slice(0, INDEXED).join('')) };
}

/** The test as it applies to folded text. */
export function folded(test: Test<string>): Test<string> {
  if (test.op === 'in') return { op: 'in', values: test.values.map(fold) };
  return test.op === 'like' ? { op: 'like', pieces: test.pieces.map(fold) } : { op: test.op, value: fold(test.value) };
}

function holdsForEmpty(test: Test<string>): boolean {
  switch (test.op) {
    case 'in': return test.values.includes('');
    case 'like': return test.pieces.every((piece) => piece === '');
    case '>': return false;
    case '>=': return test.value === '';
    case '<': return test.value !== '';
    case '<=': return true;
  }
}

/** A column beside a test. The operator is one of a closed set; everything else is bound. */
export function compare(column: Expression<unknown>, test: Test<number> | Test<string>): RawBuilder<SqlBool> {
  if (test.op === 'in') return test.values.length === 0 ? sql`1 = 0` : sql`${column} in (${sql.join([...test.values])})`;
  if (test.op === 'like') return sql`cast(${column} as text) like ${patternOf(test.pieces)} escape '\\'`;
  return sql`${column} ${sql.raw(test.op)} ${test.value}`;
}

function patternOf(pieces: readonly string[]): string {
  return pieces.map((piece) => piece.replaceAll(/[\\%_]/g, '\\$&')).join('%');
}
