import type { ProfileRow } from './user-row.ts';

/** One condition of a filter: a field, how to compare, and with what. */
interface Condition {
  field: string;
  operator: string;
  values: string[];
}

const OPERATORS = ['!@', '!=%', '!%=', '!%', '!=', '>=', '<=', '=%', '%=', '!', '@', '%', '=', '>', '<'];
const FIELD = /^[A-Z][A-Z0-9_]{0,60}$/;

/**
 * Makes a test out of a filter such as `{">ID": 5, "NAME": ["Anna", "Ann"]}`: all conditions must hold, a list means any
 * of its values, `%` compares parts of the text.
 *
 * @returns the offending key when it is no field with an operator before it
 */
export function makeUserFilter(filter: Record<string, unknown>): ((row: ProfileRow) => boolean) | { unknown: string } {
  const conditions: Condition[] = [];
  for (const [key, value] of Object.entries(filter)) {
    const upper = key.toUpperCase();
    const operator = OPERATORS.find((prefix) => upper.startsWith(prefix)) ?? '';
    const field = upper.slice(operator.length);
    if (!FIELD.test(field)) return { unknown: key };
    conditions.push({ field, operator, values: (Array.isArray(value) ? value : [value]).map(comparable) });
  }
  return (row) => conditions.every((condition) => holds(condition, row));
}

function holds({ field, operator, values }: Condition, row: ProfileRow): boolean {
  const actual = field === 'NAME_SEARCH' ? fullText(row) : fieldText(row[field]);
  const negated = operator.startsWith('!');
  const bare = negated ? operator.slice(1) : operator;
  const part = bare.includes('%') || field === 'NAME_SEARCH';
  const found = values.some((value) => actual.some((text) => (part ? contains(text, value) : compare(text, value, bare))));
  return negated ? !found : found;
}

function compare(actual: string, wanted: string, operator: string): boolean {
  const order = actual !== '' && wanted !== '' && !Number.isNaN(Number(actual)) && !Number.isNaN(Number(wanted))
    ? Number(actual) - Number(wanted)
    : actual.localeCompare(wanted);
  switch (operator) {
    case '>': return order > 0;
    case '<': return order < 0;
    case '>=': return order >= 0;
    case '<=': return order <= 0;
    default: return actual.toLowerCase() === wanted.toLowerCase();
  }
}

function contains(text: string, wanted: string): boolean {
  return text.toLowerCase().includes(wanted.replaceAll('%', '').toLowerCase());
}

function fullText(row: ProfileRow): string[] {
  return [['NAME', 'LAST_NAME', 'SECOND_NAME', 'WORK_POSITION', 'EMAIL'].map((field) => row[field] ?? '').join(' ')];
}

function fieldText(value: ProfileRow[string] | undefined): string[] {
  return Array.isArray(value) ? value.map(String) : [comparable(value)];
}

/** Flags compare as 1 and 0, however they are spelled. */
function comparable(value: unknown): string {
  if (value === true || value === 'Y' || value === 'true') return '1';
  if (value === false || value === 'N' || value === 'false') return '0';
  return value === undefined || value === null || typeof value === 'object' ? '' : String(value);
}
