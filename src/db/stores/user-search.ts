/** Finds users: conditions and an order become one query with a limit, the same on both engines. */
import { type Expression, type ExpressionBuilder, type RawBuilder, type SelectQueryBuilder, type SqlBool, sql } from 'kysely';
import type { Session } from '../database.ts';
import { fold } from '../fold.ts';
import type { Ranked } from '../ranking.ts';
import type { Schema, UserTable } from '../schema.ts';
import { type Builder, statement } from '../statement.ts';
import { sharedChats, sharedWithGuest } from './meeting-store.ts';

/** How a value is compared. `like` gives the pieces of text between which anything may stand. */
export type Test<V extends number | string> =
  | { op: 'in'; values: readonly V[] }
  | { op: '>' | '>=' | '<' | '<='; value: V }
  | { op: 'like'; pieces: readonly string[] };

export type NumberColumn = 'id' | 'active' | 'admin' | 'extranet' | 'created_at' | 'updated_at' | 'last_activity_at';

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
type Naming = SelectQueryBuilder<Schema, never, { user_id: number }>;
type TextList = Extract<Test<string>, { op: 'in' }>;

/** What a condition is said in. */
interface Place {
  q: Builder;
  eb: Build;
  scope: Scope;
}

/** How much of a text the index on it holds, in characters. */
const INDEXED = 100;

/** Among whom a statement looks; undefined for everybody. */
export type Scope = { from: number; to: number } | { ids: readonly number[] } | undefined;

/** How many users the condition is true of. */
export async function countMatching(s: Session, condition: Condition): Promise<number> {
  const [row] = await s.query((q) =>
    q
      .selectFrom('user as u')
      .select((eb) => eb.fn.countAll<number>().as('users'))
      .where((eb) => truthOf({ q, eb, scope: undefined }, condition)),
  );
  return row!.users;
}

/** A page of the users the condition is true of, as ids in order. */
export async function findMatching(s: Session, { condition, order }: UserQuery, offset: number, limit: number): Promise<number[]> {
  const rows = await s.query((q) => {
    let query = q.selectFrom('user as u').select('u.id').where((eb) => truthOf({ q, eb, scope: undefined }, condition));
    for (const key of order) query = query.orderBy(sortValue(q, key), key.descending ? 'desc' : 'asc');
    return query.orderBy('u.id').limit(limit).offset(offset);
  });
  return rows.map((row) => row.id);
}

/** Those of the scope the condition is true of, in no particular order. */
export async function matchingWithin(s: Session, { condition, order }: UserQuery, scope: Scope): Promise<Ranked[]> {
  const rows = await s.query((q) =>
    q
      .selectFrom('user as u')
      .select(['u.id', ...order.map((key, i) => sortValue(q, key).as(`value${i}`))])
      .where(within(scope, 'u.id'))
      .where((eb) => truthOf({ q, eb, scope }, condition)),
  );
  return rows.map((row) => Object.values(row) as Ranked);
}

const after = statement((q, p: { id: number }) => q.selectFrom('user').select('id').where('id', '>', p.id).orderBy('id').limit(1));
const before = statement((q, p: { id: number }) => q.selectFrom('user').select('id').where('id', '<', p.id).orderBy('id', 'desc').limit(1));

/** The next id that somebody has. */
export async function nextId(s: Session, id: number, descending: boolean): Promise<number | undefined> {
  return (await s.first(descending ? before : after, { id }))?.id;
}

/** Whom one test is true of, as far as an index tells; undefined for a test that users have to be looked through for. */
export async function namedBy(s: Session, test: Condition, most: number): Promise<number[] | undefined> {
  if ('number' in test && test.number === 'id' && test.is.op === 'in') return test.is.values.slice(0, most);
  if ('text' in test && test.is.op === 'in' && !holdsForEmpty(folded(test.is))) {
    return idsOf(s, (q) => textRows(q, test.text, folded(test.is) as TextList), most);
  }
  if ('department' in test && test.department.op === 'in') return idsOf(s, (q) => membersBy(q, test, undefined), most);
  if ('number' in test && test.number === 'last_activity_at' && test.is.op === '>') {
    return idsOf(s, (q) => q.selectFrom('user as u').select('u.id as user_id').where(compare(sql.ref('u.last_activity_at'), test.is)), most);
  }
  return undefined;
}

async function idsOf(s: Session, named: (q: Builder) => Naming, most: number): Promise<number[]> {
  const rows = await s.query((q) => named(q).limit(most));
  return rows.map((row) => row.user_id);
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

/** Queries about other tables are limited to the scope too: each is read as a whole. */
function within(scope: Scope, column: string): RawBuilder<SqlBool> {
  if (!scope) return sql`1 = 1`;
  if ('ids' in scope) return compare(sql.ref(column), { op: 'in', values: scope.ids });
  return sql`${sql.ref(column)} between ${scope.from} and ${scope.to}`;
}

function truthOf(place: Place, condition: Condition): Truth {
  const { q, eb, scope } = place;
  if ('all' in condition) return eb.and(condition.all.map((part) => truthOf(place, part)));
  if ('any' in condition) return eb.or(condition.any.map((part) => truthOf(place, part)));
  if ('not' in condition) return eb.not(truthOf(place, condition.not));
  if ('number' in condition) return compare(sql.ref(`u.${condition.number}`), condition.is);
  if ('text' in condition) return textTruth(place, condition.text, condition.is);
  if ('sharesGroupWith' in condition) {
    const [id, other] = [sql.ref('u.id'), condition.sharesGroupWith];
    return eb.exists(condition.guest ? sharedWithGuest(q, other, id) : sharedChats(q, id, other));
  }
  if ('auth' in condition) return eb('u.external_auth_id', 'in', [...condition.auth]);
  return eb('u.id', 'in', membersBy(q, condition, scope));
}

type Membership = Extract<Condition, { department: unknown } | { departmentName: unknown } | { placed: unknown }>;

function membersBy(q: Builder, condition: Membership, scope: Scope): Naming {
  const placed = q.selectFrom('user_department as d').select('d.user_id').where(within(scope, 'd.user_id'));
  if ('placed' in condition) return placed;
  if ('department' in condition) return placed.where(compare(sql.ref('d.department_id'), condition.department));
  const named = q.selectFrom('department as n').select('n.id').where(compare(sql.ref('n.name_key'), folded(condition.departmentName)));
  return placed.where('d.department_id', 'in', named);
}

/** Empty texts have no rows, so a test that an empty text passes is about those who have no row that fails it. */
function textTruth({ q, eb, scope }: Place, field: string, given: Test<string>): Truth {
  const [test, value] = [folded(given), sql.ref('f.value')];
  const rows = q.selectFrom('user_field as f').select('f.user_id').where('f.field', '=', field).where(within(scope, 'f.user_id'));
  if (holdsForEmpty(test)) return eb('u.id', 'not in', rows.where(sql<SqlBool>`not (${compare(value, test)})`));
  // Within a scope its users are looked up; the index would give all who have the text.
  return eb('u.id', 'in', test.op === 'in' && !scope ? textRows(q, field, test) : rows.where(compare(value, test)));
}

/** Those who have one of the texts, by the index. */
function textRows(q: Builder, field: string, test: TextList): Naming {
  const rows = q.selectFrom('user_field as f').select('f.user_id').where('f.field', '=', field).where(compare(sql.ref('f.value'), test));
  return rows.where(compare(sql`substr(f.value, 1, 100)`, beginnings(test.values)));
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
