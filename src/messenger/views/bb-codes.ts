/** One BB code found in a text: an opening or closing half of a pair, or a code that stands alone. */
export interface BbCode {
  /** Lower-case name: `b`, `url`, `user`; `*` for a list item. */
  name: string;
  /** What follows the name inside the brackets, its `=` or space included: `=5 replace`. */
  rest: string;
  role: 'open' | 'close' | 'single';
  /** Offset of the opening bracket, in UTF-16 units. */
  start: number;
  /** Offset just past the code, in UTF-16 units; for `[code]` past its closing half. */
  end: number;
  /** The other half; absent when the text has none, in which case the code is ordinary text. */
  partner?: BbCode;
}

const DIALOG = String.raw`(?:(?:chat|sg|crm)?\d+|\d+:\d+)`;

/** Codes made of two halves, and what may follow the name in the opening one. */
const PAIRED = new Map<string, RegExp>([
  ['b', /^$/],
  ['i', /^$/],
  ['u', /^$/],
  ['s', /^$/],
  // Addresses and commands may hold brackets of their own, so these four alone accept them.
  ['url', /^(?:=.*)?$/],
  ['send', /^(?:=.*)?$/],
  ['put', /^(?:=.*)?$/],
  ['call', /^(?:=.*)?$/],
  ['user', /^=(?:\d+|all)(?: [^[]*)?$/i],
  ['chat', /^=(?:\d+|imol\|[\w|-]+)$/i],
  ['dialog', new RegExp(`^=${DIALOG}(?: [^[]*)?$`, 'i')],
  ['context', new RegExp(`^=${DIALOG}/\\d+$`, 'i')],
  ['pch', /^=\d+$/],
  ['size', /^=\d+$/],
  ['color', /^=#(?:[\da-f]{3}|[\da-f]{6})$/i],
  ['quote', /^(?:=[^[]*)?$/],
  ['img', /^(?:[= ][^[]*)?$/],
  ['list', /^(?:=\w+)?$/],
]);

/** Codes without a closing half, and what must follow the name. */
const SINGLE = new Map<string, RegExp>([
  ['rating', /^=[1-5]$/],
  ['attach', /^=\d+$/],
  ['icon', /^=[^[]+$/],
  ['disk', /^=n?\d+$/i],
  ['timestamp', /^=\d{1,11}(?: [^[]*)?$/],
  ['*', /^$/],
]);

const NAMES = [...PAIRED.keys(), ...[...SINGLE.keys()].map((name) => name.replace('*', '\\*')), 'code', 'br'].join('|');
/** Where a code may begin: after its bracket comes a name and what ends one. */
const BEGINNING = new RegExp(`\\[(?=/?(?:${NAMES})[\\]= ])`, 'gi');
/** Shows nothing and belongs to no code. */
export const ZERO_WIDTH_SPACE = '\u200b';

const STYLES: ReadonlySet<string> = new Set(['b', 'i', 'u', 's']);

/**
 * Finds the BB codes of a one-line text in order and joins the halves of each pair. Time grows with the length of the
 * text and with nothing else: no bracket is looked at more than a few times, whatever the nesting.
 *
 * Halves of one name pair up like parentheses, regardless of the pairs of other names they overlap. Bold, italic,
 * underline and strike halves left alone after that pair with each other (`[b]a[/i]`). What is between `[code]` and
 * `[/code]` is text, so no code is looked for in it. Names are those of the page "Text formatting (BB codes)" and
 * those observed in the recent list; any other bracketed text is not a code.
 */
export function findBbCodes(text: string): BbCode[] {
  if (!text.includes('[')) return [];
  const closing = closingBrackets(text);
  const codeEnds = [...text.matchAll(/\[\/code\]/gi)].map((match) => match.index).reverse();
  const found: BbCode[] = [];
  for (let at = text.indexOf('['); at !== -1; ) {
    const code = codeBlockAt(text, at, codeEnds) ?? bbCodeAt(text, at, closing[at] ?? -1);
    if (code) found.push(code);
    at = text.indexOf('[', code?.end ?? at + 1);
  }
  joinHalves(found, (code) => code.name);
  joinHalves(found.filter((code) => !code.partner && STYLES.has(code.name)), () => 'style');
  return found;
}

/** The text as a reader sees it, with nothing in it that acts as a code, wherever it is put: for names and titles. */
export function withoutEffect(text: string): string {
  return text.replace(BEGINNING, `[${ZERO_WIDTH_SPACE}`);
}

/** For every opening bracket the offset of the one that balances it, or -1. */
function closingBrackets(text: string): Int32Array {
  const closing = new Int32Array(text.length).fill(-1);
  const open: number[] = [];
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === '[') open.push(at);
    else if (char === ']') closing[open.pop() ?? at] = at;
  }
  return closing;
}

/**
 * The whole `[code]…[/code]` at an offset. `ends` are the offsets of `[/code]`, last one first; those passed are
 * dropped.
 */
function codeBlockAt(text: string, start: number, ends: number[]): BbCode | undefined {
  if (!/^\[code\]$/i.test(text.slice(start, start + 6))) return undefined;
  while ((ends.at(-1) ?? Infinity) < start) ends.pop();
  const close = ends.at(-1);
  if (close === undefined) return undefined;
  return { name: 'code', rest: text.slice(start + 6, close), role: 'single', start, end: close + 7 };
}

function bbCodeAt(text: string, start: number, closing: number): BbCode | undefined {
  if (closing === -1) return undefined;
  const body = text.slice(start + 1, closing);
  const head = /^(\/?)([a-z]{1,9}|\*)/i.exec(body);
  if (!head) return undefined;
  const name = (head[2] ?? '').toLowerCase();
  const rest = body.slice(head[0].length);
  const role = head[1] ? closingRole(name, rest) : openingRole(name, rest);
  return role && { name, rest, role, start, end: closing + 1 };
}

function closingRole(name: string, rest: string): 'close' | undefined {
  return rest === '' && PAIRED.has(name) ? 'close' : undefined;
}

function openingRole(name: string, rest: string): 'open' | 'single' | undefined {
  if (PAIRED.get(name)?.test(rest)) return 'open';
  return SINGLE.get(name)?.test(rest) ? 'single' : undefined;
}

/** Gives each closing half the nearest opening half of its kind that is still free. */
function joinHalves(codes: readonly BbCode[], kindOf: (code: BbCode) => string): void {
  const waiting = new Map<string, BbCode[]>();
  for (const code of codes) {
    if (code.role === 'single') continue;
    const free = waiting.get(kindOf(code)) ?? [];
    waiting.set(kindOf(code), free);
    if (code.role === 'open') free.push(code);
    else join(free.pop(), code);
  }
}

function join(opening: BbCode | undefined, closing: BbCode): void {
  if (!opening) return;
  opening.partner = closing;
  closing.partner = opening;
}
