/** Finds the BB codes of a text, and joins the halves of each pair. Time grows with the length of the text alone. */
import { type BbNode, withLinks } from './bb-nodes.ts';
import { linkTarget } from './links.ts';

/** Characters of an address with brackets in it. */
const LONGEST_ADDRESS = 1000;
/** A message quoted in a text is framed by two lines of at least this many hyphens. */
const FRAME = '-'.repeat(54);

interface Half {
  kind: 'open' | 'close';
  name: string;
  value: string;
  start: number;
  end: number;
  paired: boolean;
}

interface Whole {
  kind: 'whole';
  node: BbNode;
  start: number;
  end: number;
}

export type Token = Half | Whole;

/** What a line begins with, or is. */
interface LineTokens {
  tokens: Token[];
  end: number;
  newLine: boolean;
}

/** Codes of two halves, and what their opening half must say. */
const PAIRED: Readonly<Record<string, RegExp>> = {
  b: /^$/, i: /^$/, u: /^$/, s: /^$/,
  url: /^(?:=.+)?$/, send: /^(?:=.*)?$/, put: /^(?:=.*)?$/, call: /^(?:=.*)?$/, img: /^(?:[= ].*)?$/,
  user: /^=(?:\d{1,10}|all)(?: .*)?$/i, chat: /^=\d{1,10}$/, dialog: /^=(?:chat)?\d{1,10}(?: .*)?$/i, context: /^=(?:chat)?\d{1,10}\/\d{1,12}$/i,
  size: /^=\d{1,2}$/, color: /^=#(?:[\da-f]{3}|[\da-f]{6})$/i, quote: /^(?:=.*)?$/, list: /^(?:=\w)?$/,
};

const HEAD = /\[(\/?)([a-z]{1,9}|\*)((?:[= ][^[\]\n]{0,4000})?)\]/giy;

export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  const codeEnds = [...text.matchAll(/\[\/code\]/gi)].map((found) => found.index).reverse();
  let lineStart = true;
  for (let at = 0; at < text.length;) {
    const found: LineTokens | undefined = lineStart ? lineTokens(text, at) : undefined;
    if (found) {
      tokens.push(...found.tokens);
      at = found.end;
      lineStart = found.newLine;
      continue;
    }
    lineStart = false;
    const next = nextMark(text, at);
    if (next === -1) break;
    if (text[next] === '\n') {
      at = next + 1;
      lineStart = true;
      continue;
    }
    const token = codeBlock(text, next, codeEnds) ?? bracket(text, next);
    if (token) tokens.push(token);
    at = token ? token.end : next + 1;
  }
  pairHalves(tokens);
  return tokens;
}

/** The next bracket or end of a line. */
function nextMark(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char === 91 || char === 10) return at;
  }
  return -1;
}

/** Frames of quoted messages, and lines that begin with `>>`. */
function lineTokens(text: string, at: number): LineTokens | undefined {
  if (text.startsWith(FRAME, at)) {
    let end = at;
    while (text[end] === '-') end++;
    if (end < text.length && text[end] !== '\n') return undefined;
    const past = Math.min(end + 1, text.length);
    return { tokens: [{ kind: 'open', name: 'frame', value: '', start: at, end: past, paired: false }], end: past, newLine: true };
  }
  if (!text.startsWith('>>', at)) return undefined;
  const lines: string[] = [];
  let end = at;
  while (text.startsWith('>>', end)) {
    const stop = text.indexOf('\n', end);
    lines.push(text.slice(end + 2, stop === -1 ? undefined : stop).trim());
    end = stop === -1 ? text.length : stop + 1;
  }
  const quote: BbNode = { type: 'quote', title: '', children: withLinks(lines.join('\n')) };
  return { tokens: [{ kind: 'whole', node: quote, start: at, end }], end, newLine: true };
}

/** `ends` are the offsets of `[/code]`, the last one first. */
function codeBlock(text: string, start: number, ends: number[]): Whole | undefined {
  if (!/^\[code\]$/i.test(text.slice(start, start + 6))) return undefined;
  while ((ends.at(-1) ?? Infinity) < start) ends.pop();
  const close = ends.at(-1);
  if (close === undefined) return undefined;
  const code = text.slice(start + 6, close).replace(/^\n|\n$/g, '');
  return { kind: 'whole', node: { type: 'code', text: code }, start, end: close + 7 };
}

function bracket(text: string, start: number): Token | undefined {
  HEAD.lastIndex = start;
  const head = HEAD.exec(text);
  if (!head) return addressed(text, start);
  const [whole, slash, rawName = '', value = ''] = head;
  const name = rawName.toLowerCase();
  const end = start + whole.length;
  if (slash) return value === '' && name in PAIRED ? { kind: 'close', name, value, start, end, paired: false } : undefined;
  if (PAIRED[name]?.test(value)) return { kind: 'open', name, value: value.trim(), start, end, paired: false };
  const node = standalone(name, value);
  return node && { kind: 'whole', node, start, end };
}

/** `[url=…]` and its like may hold brackets of their own in their value, if balanced. */
function addressed(text: string, start: number): Half | undefined {
  const head = /^\[(url|send|put|call)=/i.exec(text.slice(start, start + 6));
  if (!head) return undefined;
  let depth = 0;
  const limit = Math.min(text.length, start + LONGEST_ADDRESS);
  for (let at = start; at < limit && text[at] !== '\n'; at++) {
    if (text[at] === '[') depth++;
    else if (text[at] === ']' && --depth === 0) {
      return { kind: 'open', name: head[1]!.toLowerCase(), value: text.slice(start + head[0].length - 1, at), start, end: at + 1, paired: false };
    }
  }
  return undefined;
}

function standalone(name: string, value: string): BbNode | undefined {
  const given = value.slice(1);
  if (name === 'rating' && /^[1-5]$/.test(given)) return { type: 'rating', value: Number(given) };
  if (name === 'timestamp' && /^\d{1,11}\b/.test(given)) return { type: 'time', at: Number.parseInt(given, 10) * 1000 };
  if (name === '*' && value === '') return { type: 'item', children: [] };
  if (name === 'icon') return iconNode(given);
  if (name === 'attach' || name === 'disk') return { type: 'text', text: '' };
  return undefined;
}

function iconNode(given: string): BbNode {
  const src = linkTarget(given.split(' ', 1)[0] ?? '');
  const title = / title=(.*?)(?= (?:size|width|height)=|$)/i.exec(given)?.[1] ?? '';
  return src ? { type: 'image', src } : { type: 'text', text: title };
}

/** Halves of one name pair up like parentheses; one left alone is text. Frames pair with the next. */
function pairHalves(tokens: readonly Token[]): void {
  const waiting = new Map<string, Half[]>();
  for (const token of tokens) {
    if (token.kind === 'whole') continue;
    const free = waiting.get(token.name) ?? [];
    waiting.set(token.name, free);
    if (token.name === 'frame') token.kind = free.length > 0 ? 'close' : 'open';
    if (token.kind === 'open') free.push(token);
    else {
      const opening = free.pop();
      if (opening) opening.paired = token.paired = true;
    }
  }
}
