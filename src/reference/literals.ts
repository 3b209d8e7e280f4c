/** Values as literals of the languages in which examples are written. */

export interface Language {
  /** Literal of null, true, false. */
  word(value: boolean | null): string;
  text(value: string): string;
  list: readonly [open: string, close: string];
  map: readonly [open: string, close: string];
  key(name: string): string;
}

const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;

function singleQuoted(value: string): string {
  return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n')}'`;
}

export const javaScript: Language = {
  word: String,
  text: singleQuoted,
  list: ['[', ']'],
  map: ['{', '}'],
  key: (name) => `${IDENTIFIER.test(name) ? name : singleQuoted(name)}: `,
};

export const php: Language = {
  word: String,
  text: (value) => (value.includes('\n') ? JSON.stringify(value).replaceAll('$', '\\$') : singleQuoted(value)),
  list: ['[', ']'],
  map: ['[', ']'],
  key: (name) => `${singleQuoted(name)} => `,
};

export const python: Language = {
  word: (value) => (value === null ? 'None' : value ? 'True' : 'False'),
  text: (value) => JSON.stringify(value),
  list: ['[', ']'],
  map: ['{', '}'],
  key: (name) => `${JSON.stringify(name)}: `,
};

const STEP = '    ';

/** A map has its entries on lines of their own, `indent` deep; lists and what is in them stay on one line. */
export function literal(language: Language, value: unknown, indent = ''): string {
  if (typeof value !== 'object' || value === null) return scalar(language, value);
  if (Array.isArray(value)) return `${language.list[0]}${value.map((item) => inline(language, item)).join(', ')}${language.list[1]}`;
  const entries = Object.entries(value);
  const [open, close] = language.map;
  if (entries.length === 0) return `${open}${close}`;
  const deeper = indent + STEP;
  const lines = entries.map(([name, item]) => `${deeper}${language.key(name)}${literal(language, item, deeper)},\n`);
  return `${open}\n${lines.join('')}${indent}${close}`;
}

function inline(language: Language, value: unknown): string {
  if (typeof value !== 'object' || value === null) return scalar(language, value);
  if (Array.isArray(value)) return literal(language, value);
  const entries = Object.entries(value).map(([name, item]) => `${language.key(name)}${inline(language, item)}`);
  return `${language.map[0]}${entries.join(', ')}${language.map[1]}`;
}

function scalar(language: Language, value: unknown): string {
  if (typeof value === 'string') return language.text(value);
  return typeof value === 'boolean' || value === null ? language.word(value) : String(value);
}

/** One word of a POSIX shell. */
export function shellWord(text: string): string {
  return /^[\w./:=@%+,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
