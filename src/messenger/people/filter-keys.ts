/** The language of filters: keys such as `>=ID` or `!%NAME`, and how much one filter may ask for. */

/** What is wrong with a filter; `problem` completes the sentence "The value of an argument 'FILTER[key]' …". */
export class FilterError extends Error {
  override readonly name = 'FilterError';
  readonly key: string;
  readonly problem: string;
  constructor(key: string, problem: string) {
    super(`${key} ${problem}`);
    this.key = key;
    this.problem = problem;
  }
}

export type Comparison = '>' | '>=' | '<' | '<=';
/** `plain` is without an operator, `part` finds it anywhere in the text, `pattern` has `%` for anything. */
export type Mode = 'plain' | 'exact' | 'part' | 'pattern' | Comparison;

export interface FilterKey {
  key: string;
  field: string;
  mode: Mode;
  negated: boolean;
}

const OPERATORS: ReadonlyArray<readonly [prefix: string, mode: Mode, negated: boolean]> = [
  ['!=%', 'pattern', true], ['!%=', 'pattern', true], ['!@', 'exact', true], ['!%', 'part', true], ['!=', 'exact', true],
  ['>=', '>=', false], ['<=', '<=', false], ['=%', 'pattern', false], ['%=', 'pattern', false],
  ['!', 'plain', true], ['@', 'exact', false], ['%', 'part', false], ['=', 'exact', false], ['>', '>', false], ['<', '<', false],
];

/** A key without an operator is compared as it is. */
export function parseFilterKey(key: string): FilterKey {
  const upper = key.toUpperCase();
  const [prefix, mode, negated] = OPERATORS.find(([start]) => upper.startsWith(start)) ?? ['', 'plain', false];
  return { key, field: upper.slice(prefix.length), mode, negated };
}

/** Most conditions of a filter. */
const MOST_CONDITIONS = 30;
/** Most values of a filter, in all its conditions together. */
const MOST_VALUES = 500;
/** Most characters of a value. */
const LONGEST_VALUE = 255;
/** Most `%` in a pattern. */
const MOST_WILDCARDS = 5;
/** Most times that a call may have a field of all users looked through, because no index helps. */
const MOST_SCANS = 8;
/** Sorting by a text costs as much as so many. */
export const SORTED_TEXT = 3;

/** Adds up what a call asks for, and refuses what would keep the others waiting. */
export class FilterCost {
  #conditions = 0;
  #values = 0;
  #scans = 0;

  /** The values of one condition as text; what is nothing is empty. */
  read(key: string, raw: unknown): string[] {
    this.#conditions += 1;
    if (this.#conditions > MOST_CONDITIONS) throw new FilterError(key, `is one condition more than the ${MOST_CONDITIONS} that a filter may have`);
    const values = typeof raw === 'object' && raw !== null ? Object.values(raw) : [raw];
    this.#values += values.length;
    if (this.#values > MOST_VALUES) throw new FilterError(key, `brings the filter to more than ${MOST_VALUES} values`);
    return values.map((value) => textOf(key, value));
  }

  scan(key: string, times = 1): void {
    this.#scans += times;
    if (this.#scans > MOST_SCANS) throw new FilterError(key, `brings the call to more than ${MOST_SCANS} parts, patterns and ranges of text; sorting by a text counts as ${SORTED_TEXT}`);
  }
}

function textOf(key: string, value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'boolean') return value ? 'Y' : 'N';
  if (typeof value !== 'string' && typeof value !== 'number') throw new FilterError(key, 'must be a value or a list of values');
  const text = String(value);
  if (text.length > LONGEST_VALUE) throw new FilterError(key, `is longer than ${LONGEST_VALUE} characters`);
  if (text.includes('\0')) throw new FilterError(key, 'contains a NUL character');
  return text;
}

/** The pieces of text between the `%` of a pattern. */
export function piecesOf(key: string, pattern: string): string[] {
  const pieces = pattern.split('%');
  if (pieces.length > MOST_WILDCARDS + 1) throw new FilterError(key, `has more than ${MOST_WILDCARDS} signs %`);
  return pieces;
}
