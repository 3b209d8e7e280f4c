/** Filters of `user.get` and `user.search`: what is asked in the wire's words becomes conditions that the store can look for. */
import { wordsOf } from '../../db/fold.ts';
import type { Condition, NumberColumn, Test } from '../../db/stores/user-search.ts';
import type { Zone } from '../../base/dates.ts';
import { type FilterCost, FilterError, type FilterKey, type Mode, parseFilterKey } from './filter-keys.ts';
import { isText, numberTests, textTests } from './filter-tests.ts';
import { type FieldKind, SHOWN } from './user-fields.ts';
import { ONLINE_MS } from '../views/user-row.ts';

/** Who asks, and how. */
export interface FilterRules {
  zone: Zone;
  /** Milliseconds. */
  now: number;
  /** Whether the caller's scopes show a field; one that is not shown cannot be asked for either. */
  shows(field: string): boolean;
  /** Names and positions are found by how their words begin, as `user.search` does. */
  byWords: boolean;
}

export interface UserFilter {
  condition: Condition;
  /** People who take part by mail alone are meant too. */
  mail: boolean;
}

/** Fields that are only asked for. */
const ONLY_FILTERS: Readonly<Record<string, FieldKind | { kind: 'search' | 'find' | 'placed' | 'departmentName' | 'ignored' }>> = {
  EXTRANET: { kind: 'flag', column: 'extranet' },
  NAME_SEARCH: { kind: 'search' },
  FIND: { kind: 'find' },
  HAS_DEPARTAMENT: { kind: 'placed' },
  UF_DEPARTMENT_NAME: { kind: 'departmentName' },
  ADMIN_MODE: { kind: 'ignored' },
};
const KINDS = { ...SHOWN, ...ONLY_FILTERS };
const BY_WORDS = new Set(['NAME', 'LAST_NAME', 'SECOND_NAME', 'WORK_POSITION', 'UF_DEPARTMENT_NAME']);

/** Whether there is such a field to filter by. */
export function isFilterField(field: string): boolean {
  return Object.hasOwn(KINDS, field);
}

/**
 * All conditions must hold; a list of values means any of them.
 *
 * @throws FilterError
 */
export function readUserFilter(filter: Readonly<Record<string, unknown>>, rules: FilterRules, cost: FilterCost): UserFilter {
  const asked = new Map(Object.entries(filter).map(([key, raw]) => [key.toUpperCase(), { ...parseFilterKey(key), raw }]));
  const found = rules.byWords && [...asked.values()].some(({ field }) => field === 'FIND');
  const reader = new Reader(rules, cost);
  const conditions: Condition[] = [];
  for (const { raw, ...key } of asked.values()) {
    if (found && BY_WORDS.has(key.field)) continue;
    const condition = reader.condition(key, raw);
    if (condition) conditions.push(key.negated ? { not: condition } : condition);
  }
  return { condition: { all: conditions }, mail: reader.mail };
}

class Reader {
  readonly #rules: FilterRules;
  readonly #cost: FilterCost;
  mail = false;

  constructor(rules: FilterRules, cost: FilterCost) {
    this.#rules = rules;
    this.#cost = cost;
  }

  /** What the condition says without its negation; undefined when it says nothing. */
  condition(key: FilterKey, raw: unknown): Condition | undefined {
    const kind = isFilterField(key.field) ? KINDS[key.field]! : undefined;
    if (!kind || (kind.kind === 'find' && !this.#rules.byWords)) throw new FilterError(key.key, 'is no field to filter by');
    if (Object.hasOwn(SHOWN, key.field) && !this.#rules.shows(key.field)) throw new FilterError(key.key, 'is a field that the scope does not show');
    const values = this.#cost.read(key.key, raw);
    switch (kind.kind) {
      case 'number': return anyOf(numberTests(this.#cost, key, values).map((is) => ({ number: kind.column, is })));
      case 'date': return anyOf(values.map((value) => this.#date(key, kind.column, value)));
      case 'flag': return this.#flag(key, values, { number: kind.column, is: { op: 'in', values: [1] } });
      case 'online': return this.#flag(key, values, { number: 'last_activity_at', is: { op: '>', value: this.#rules.now - ONLINE_MS } });
      case 'placed': return this.#flag(key, values, { placed: true });
      case 'ignored': return void this.#flag(key, values, { placed: true });
      case 'type': return this.#type(key, values);
      case 'department': return this.#department(key, values);
      case 'birthday': return anyOf(values.map((value) => this.#birthday(key, value)));
      case 'departmentName': return anyOf(this.#texts(key, values).map((is) => ({ departmentName: is })));
      case 'text': return anyOf(this.#texts(key, values).map((is) => ({ text: kind.field, is })));
      default: return this.#words(key, kind.kind, values);
    }
  }

  #texts(key: FilterKey, values: readonly string[]): Array<Test<string>> {
    const byWords = key.mode === 'plain' && this.#rules.byWords && BY_WORDS.has(key.field);
    if (!byWords) return textTests(this.#cost, key, values);
    this.#cost.scan(key.key, values.length * 2);
    return values.flatMap(wordBeginning);
  }

  /** Dates are shown in whole seconds and so compared. Somebody without one is neither before nor after any. */
  #date({ key, mode }: FilterKey, number: NumberColumn, value: string): Condition {
    if (isText(mode)) throw new FilterError(key, 'cannot be compared by parts');
    this.#cost.scan(key);
    const instant = value === '' ? 0 : this.#rules.zone.parse(value);
    if (instant === undefined) throw new FilterError(key, 'must be a date such as 2026-02-25T18:30:00+01:00');
    const second = Math.floor(instant / 1000) * 1000;
    const from = (at: number): Condition => ({ number, is: { op: '>=', value: at } });
    const before = (at: number): Condition => ({ number, is: { op: '<', value: at } });
    if (mode === '>') return from(second + 1000);
    if (mode === '>=') return from(second);
    const set: Condition = { number, is: { op: '>', value: 0 } };
    if (mode === '<') return { all: [set, before(second)] };
    if (mode === '<=') return { all: [set, before(second + 1000)] };
    return value === '' ? { number, is: { op: 'in', values: [0] } } : { all: [from(second), before(second + 1000)] };
  }

  /** Only day and month are kept, so only they are compared. */
  #birthday({ key, mode }: FilterKey, value: string): Condition {
    if (isText(mode)) throw new FilterError(key, 'cannot be compared by parts');
    this.#cost.scan(key);
    if (value !== '' && this.#rules.zone.parse(value) === undefined) throw new FilterError(key, 'must be a date such as 1990-05-15');
    const day = value.trim().slice(5, 10);
    if (mode === 'plain' || mode === 'exact') return { text: 'birthday', is: { op: 'in', values: [day] } };
    return { all: [{ text: 'birthday', is: { op: mode, value: day } }, { text: 'birthday', is: { op: '>', value: '' } }] };
  }

  /** Empty words say nothing, as everywhere. */
  #flag({ key, mode }: FilterKey, given: readonly string[], on: Condition): Condition | undefined {
    const words = given.filter((word) => word !== '').map((word) => flagWord(key, word));
    if (words.length === 0 && given.length > 0) return undefined;
    const options: Array<[string, Condition]> = [['1', on], ['0', { not: on }]];
    return anyOf(options.filter(([word]) => words.some((wanted) => matches(word, isText(mode) ? 'exact' : mode, wanted))).map(([, is]) => is));
  }

  #type({ key, mode, negated }: FilterKey, given: readonly string[]): Condition | undefined {
    const words = given.filter((word) => word !== '').map((word) => word.trim().toLowerCase());
    if (words.length === 0 && given.length > 0) return undefined;
    if (!isText(mode) && words.some((word) => !(word in TYPES))) throw new FilterError(key, `must be ${Object.keys(TYPES).join(', ')}`);
    if (!negated && words.includes('email')) this.mail = true;
    return anyOf(Object.entries(TYPES).filter(([word]) => words.some((wanted) => matches(word, mode, wanted))).map(([, is]) => is));
  }

  /** No department, however it is spelled, means those who have none. */
  #department(key: FilterKey, given: readonly string[]): Condition {
    const ids = given.filter((value) => value !== '' && !OFF.has(value.toLowerCase()));
    const conditions: Condition[] = ids.length > 0 ? numberTests(this.#cost, key, ids).map((department) => ({ department })) : [];
    return anyOf(ids.length < given.length ? [...conditions, { not: { placed: true } }] : conditions);
  }

  /** `search`: each word is somewhere in a name, the position or, where it is shown, the address. `find`: it begins one of theirs or a department's. */
  #words({ key }: FilterKey, kind: 'search' | 'find', values: readonly string[]): Condition | undefined {
    const wanted = values.map(wordsOf).filter((words) => words.length > 0);
    if (wanted.length === 0 && values.length > 0) return undefined;
    return anyOf(wanted.map((words) => ({ all: words.map((word) => ({ any: kind === 'find' ? this.#findWord(key, word) : this.#searchWord(key, word) })) })));
  }

  #searchWord(key: string, word: string): Condition[] {
    const is: Test<string> = { op: 'like', pieces: ['', word, ''] };
    const fields = this.#rules.shows('EMAIL') ? ['search', 'email'] : ['search'];
    this.#cost.scan(key, fields.length);
    return fields.map((text) => ({ text, is }));
  }

  #findWord(key: string, word: string): Condition[] {
    this.#cost.scan(key);
    return [{ text: 'search', is: { op: 'like', pieces: ['', ` ${word}`, ''] } }, ...wordBeginning(word).map((departmentName) => ({ departmentName }))];
  }
}

const MAIL: Condition = { auth: ['email'] };
const extranet = (values: number[]): Condition => ({ all: [{ number: 'extranet', is: { op: 'in', values } }, { not: MAIL }] });
const TYPES: Readonly<Record<string, Condition>> = { employee: extranet([0]), extranet: extranet([1]), email: MAIL };

function anyOf(conditions: readonly Condition[]): Condition {
  return conditions.length === 1 ? conditions[0]! : { any: conditions };
}

/** Begins the text, or a word in it. */
function wordBeginning(text: string): Array<Test<string>> {
  return [{ op: 'like', pieces: [text, ''] }, { op: 'like', pieces: ['', ` ${text}`, ''] }];
}

/** Whether one of a few words is meant. */
function matches(word: string, mode: Mode, wanted: string): boolean {
  switch (mode) {
    case '>': return word > wanted;
    case '>=': return word >= wanted;
    case '<': return word < wanted;
    case '<=': return word <= wanted;
    case 'part':
    case 'pattern': return word.includes(wanted.replaceAll('%', ''));
    default: return word === wanted;
  }
}

const ON = new Set(['y', '1', 'true']);
const OFF = new Set(['n', '0', 'false']);

function flagWord(key: string, given: string): '1' | '0' {
  const word = given.toLowerCase();
  if (ON.has(word)) return '1';
  if (OFF.has(word)) return '0';
  throw new FilterError(key, 'must be Y or N');
}
