/** A page of the users whom a condition is true of. Where a statement keeps everybody waiting, each is about a few users. */
import { Pace } from '../pace.ts';
import { yieldToOthers } from '../../base/turns.ts';
import type { Database, Session } from '../database.ts';
import { comparing, type Ranked, Ranking, sortable } from '../ranking.ts';
import { type Condition, countMatching, findMatching, matchingWithin, namedBy, nextId, type Scope, type UserQuery } from './user-search.ts';

export interface Page {
  /** Users to pass over. */
  offset: number;
  limit: number;
  counted: boolean;
}

export interface Found {
  ids: number[];
  /** 0 where nothing was counted. */
  total: number;
}

/** More than so many are looked for among all. */
const MOST_NAMED = 500;
/** Each is named once for each test in a statement. */
const NAMED_AT_ONCE = 100;
/** Rows held while they are ordered, for each that a statement looks through. For a page further down everybody is looked through again. */
const RANKED = 10;

export async function findPage({ mostScanned }: Pick<Database, 'mostScanned'>, s: Session, query: UserQuery, page: Page): Promise<Found> {
  if (mostScanned === Infinity) return inOneGo(s, query, page);
  const [first] = query.order;
  const byId = !first || ('number' in first && first.number === 'id');
  return byId ? inOrderOfIds(s, { ...query, order: query.order.slice(0, 1) }, page, mostScanned) : inOrder(s, query, page, mostScanned);
}

/** All users the condition is true of, where statements are about a few users each. */
export async function* matchingIds({ mostScanned }: Pick<Database, 'mostScanned'>, s: Session, condition: Condition): AsyncGenerator<number[]> {
  for await (const rows of matching(s, { condition, order: [] }, mostScanned)) yield rows.map(([id]) => id);
}

async function inOneGo(s: Session, query: UserQuery, { offset, limit, counted }: Page): Promise<Found> {
  const total = counted ? await countMatching(s, query.condition) : 0;
  return { ids: counted && offset >= total ? [] : await findMatching(s, query, offset, limit), total };
}

async function inOrderOfIds(s: Session, { condition, order }: UserQuery, { offset, limit, counted }: Page, most: number): Promise<Found> {
  const descending = order[0]?.descending ?? false;
  const ids: number[] = [];
  let seen = 0;
  for await (const rows of matching(s, { condition, order: [] }, most, descending)) {
    const there = rows.map(([id]) => id).sort((a, b) => (descending ? b - a : a - b));
    ids.push(...there.slice(Math.max(0, offset - seen), Math.max(0, offset + limit - seen)));
    seen += there.length;
    if (!counted && ids.length === limit) break;
  }
  return { ids, total: counted ? seen : 0 };
}

async function inOrder(s: Session, query: UserQuery, { offset, limit, counted }: Page, most: number): Promise<Found> {
  const compare = comparing(query.order.map((key) => key.descending));
  const ids: number[] = [];
  let last: Ranked | undefined;
  for (let passed = 0; ; ) {
    const ranking = new Ranking(compare, Math.min(offset + limit - passed, most * RANKED), last);
    let total = 0;
    for await (const rows of matching(s, query, most)) {
      total += rows.length;
      ranking.put(rows);
    }
    ids.push(...ranking.rows.slice(Math.max(0, offset - passed)).map(([id]) => id));
    passed += ranking.rows.length;
    if (offset >= total || passed === offset + limit || !ranking.isFull) return { ids, total: counted ? total : 0 };
    last = ranking.rows.at(-1);
  }
}

/** Whom the condition is true of, a few at a time, in order of ids from one time to the next. */
async function* matching(s: Session, query: UserQuery, most: number, descending = false): AsyncGenerator<Ranked[]> {
  const pace = new Pace(most);
  const look = async (scope: Scope) => (await matchingWithin(s, query, scope)).map((row) => row.map((value) => (typeof value === 'string' ? sortable(value) : value)) as Ranked);
  const named = await fewNamed(s, query.condition);
  yield* named ? amongNamed(named.sort((a, b) => (descending ? b - a : a - b)), pace, look) : amongAll(s, boundsOf(query.condition), pace, look, descending);
}

type Look = (scope: Scope) => Promise<Ranked[]>;

async function* amongNamed(ids: readonly number[], pace: Pace, look: Look): AsyncGenerator<Ranked[]> {
  for (let at = 0; at < ids.length; ) {
    yield await pace.piece((size) => {
      const part = ids.slice(at, at + Math.min(size, NAMED_AT_ONCE));
      at += part.length;
      return look({ ids: part });
    });
  }
}

async function* amongAll(s: Session, { from, to }: { from: number; to: number }, pace: Pace, look: Look, descending: boolean): AsyncGenerator<Ranked[]> {
  for (let at = await nextId(s, descending ? to + 1 : from - 1, descending); at !== undefined && at >= from && at <= to; ) {
    const first = at;
    let end = first;
    yield await pace.piece((size) => {
      end = descending ? Math.max(from, first - size + 1) : Math.min(to, first + size - 1);
      return look(descending ? { from: end, to: first } : { from: first, to: end });
    });
    at = await nextId(s, end, descending);
  }
}

/** What has to hold in any case. */
function necessary(condition: Condition): Condition[] {
  return 'all' in condition ? condition.all.flatMap(necessary) : [condition];
}

/** Those among whom all are whom the condition is true of, where one test names few. */
async function fewNamed(s: Session, condition: Condition): Promise<number[] | undefined> {
  for (const test of necessary(condition)) {
    const named = await namedBy(s, test, MOST_NAMED + 1);
    if (named && named.length <= MOST_NAMED) return [...new Set(named)];
    if (named) await yieldToOthers();
  }
  return undefined;
}

function boundsOf(condition: Condition): { from: number; to: number } {
  let [from, to] = [1, Number.MAX_SAFE_INTEGER - 1];
  for (const test of necessary(condition)) {
    if (!('number' in test) || test.number !== 'id' || !('value' in test.is)) continue;
    const { op, value } = test.is;
    if (op === '>' || op === '>=') from = Math.max(from, op === '>' ? value + 1 : value);
    else to = Math.min(to, op === '<' ? value - 1 : value);
  }
  return { from, to };
}
