/**
 * Texts with BB codes, read into a tree of nodes. Whoever shows the tree makes elements of it, never markup, so that nothing
 * in a text can be more than text. Time grows with the length of the text alone.
 */
import { linkTarget, splitLinks } from './links.ts';

export type BbNode =
  | { type: 'text'; text: string }
  | { type: 'bold' | 'italic' | 'underline' | 'strike'; children: BbNode[] }
  | { type: 'link'; href: string; children: BbNode[] }
  | { type: 'user'; id: number | 'all'; children: BbNode[] }
  | { type: 'dialog'; dialogId: string; messageId: number; children: BbNode[] }
  | { type: 'send' | 'put'; value: string; children: BbNode[] }
  | { type: 'size'; px: number; children: BbNode[] }
  | { type: 'color'; color: string; children: BbNode[] }
  | { type: 'quote'; title: string; children: BbNode[] }
  | { type: 'list'; ordered: boolean; children: BbNode[] }
  | { type: 'item'; children: BbNode[] }
  | { type: 'code'; text: string }
  | { type: 'image'; src: string }
  | { type: 'time'; at: number }
  | { type: 'rating'; value: number };

type Parent = Extract<BbNode, { children: BbNode[] }>;

/** Characters in which codes are looked for; what is beyond is text. The server keeps no more than a fifth of it. */
const MOST_CHARACTERS = 100_000;
/** Codes within codes beyond this depth have no effect. */
const DEEPEST = 24;
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

type Token = Half | Whole;

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
const BREAK = /\[br\]|#br#/gi;

export function parseBb(text: string): BbNode[] {
  const read = text.slice(0, MOST_CHARACTERS).replace(BREAK, '\n');
  const tokens = tokensOf(read);
  const nodes = treeOf(read, tokens);
  const rest = text.slice(MOST_CHARACTERS);
  return rest === '' ? nodes : [...nodes, { type: 'text', text: rest }];
}

function tokensOf(text: string): Token[] {
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

class Tree {
  readonly root: BbNode[] = [];
  /** What shows of the open codes, the innermost last: no more than DEEPEST. */
  readonly #nodes: Parent[] = [];
  readonly #open: Array<{ name: string; value: string; node: Parent | undefined }> = [];
  readonly #counts = new Map<string, number>();

  get innermost(): Parent | undefined {
    return this.#nodes.at(-1);
  }

  get into(): BbNode[] {
    const node = this.innermost;
    if (!node) return this.root;
    return node.type === 'list' ? itemOf(node) : node.children;
  }

  get inLink(): boolean {
    return this.#nodes.some((node) => node.type === 'link');
  }

  /** What is too deep shows as nothing but what it holds. */
  enter(name: string, value: string): void {
    const node = this.#nodes.length < DEEPEST ? parentOf(name, value) : undefined;
    if (node) {
      this.into.push(node);
      this.#nodes.push(node);
    }
    this.#open.push({ name, value, node });
    this.#count(name, 1);
  }

  /** Closes what was opened since, and opens it again. */
  leave(name: string): void {
    if (!this.#counts.get(name)) return;
    const again: Array<{ name: string; value: string }> = [];
    for (let entry = this.#open.pop(); entry; entry = this.#open.pop()) {
      this.#count(entry.name, -1);
      if (entry.node) this.#nodes.pop();
      if (entry.node) finish(entry.node);
      if (entry.name === name) break;
      if (again.length < DEEPEST) again.push(entry);
    }
    for (const { name: outer, value } of again.reverse()) this.enter(outer, value);
  }

  #count(name: string, by: number): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + by);
  }
}

function itemOf(list: Extract<BbNode, { type: 'list' }>): BbNode[] {
  const last = list.children.at(-1);
  return last?.type === 'item' ? last.children : list.children;
}

function treeOf(text: string, tokens: readonly Token[]): BbNode[] {
  const tree = new Tree();
  let at = 0;
  for (const token of tokens) {
    if ('paired' in token && !token.paired) continue;
    addText(tree, text.slice(at, token.start));
    at = token.end;
    if (token.kind === 'open') tree.enter(token.name, token.value);
    else if (token.kind === 'close') tree.leave(token.name);
    else if (token.kind === 'whole') addWhole(tree, token.node);
  }
  addText(tree, text.slice(at));
  return tree.root;
}

function addWhole(tree: Tree, node: BbNode): void {
  const list = tree.innermost;
  if (node.type !== 'item') tree.into.push(node);
  else if (list?.type === 'list') list.children.push(node);
  else tree.into.push({ type: 'text', text: '[*]' });
}

function addText(tree: Tree, text: string): void {
  if (text === '') return;
  for (const node of tree.inLink ? [{ type: 'text' as const, text }] : withLinks(text)) tree.into.push(node);
}

function withLinks(text: string): BbNode[] {
  return splitLinks(text).map((part) => (
    part.href === undefined ? { type: 'text', text: part.text } : { type: 'link', href: part.href, children: [{ type: 'text', text: part.text }] }
  ));
}

const STYLES: Readonly<Record<string, 'bold' | 'italic' | 'underline' | 'strike'>> = { b: 'bold', i: 'italic', u: 'underline', s: 'strike' };

function parentOf(name: string, value: string): Parent {
  const given = value.replace(/^=/, '');
  const style = STYLES[name];
  if (style) return { type: style, children: [] };
  switch (name) {
    case 'user':
      return { type: 'user', id: /^all/i.test(given) ? 'all' : Number.parseInt(given, 10), children: [] };
    case 'chat':
      return { type: 'dialog', dialogId: `chat${given}`, messageId: 0, children: [] };
    case 'dialog':
      return { type: 'dialog', dialogId: (given.split(' ', 1)[0] ?? '').toLowerCase(), messageId: 0, children: [] };
    case 'context':
      return { type: 'dialog', dialogId: (given.split('/', 1)[0] ?? '').toLowerCase(), messageId: Number(given.split('/')[1]), children: [] };
    case 'send':
    case 'put':
      return { type: name, value: given, children: [] };
    case 'size':
      return { type: 'size', px: Math.min(Math.max(Number(given), 10), 24), children: [] };
    case 'color':
      return { type: 'color', color: given, children: [] };
    case 'quote':
      return { type: 'quote', title: given, children: [] };
    case 'list':
      return { type: 'list', ordered: given === '1', children: [] };
    case 'frame':
      return { type: 'quote', title: '', children: [] };
    default:
      return { type: 'link', href: name === 'call' ? `tel:${given}` : given, children: [] };
  }
}

/** What only shows itself when all that it holds is known. */
function finish(node: Parent): void {
  if (node.type === 'link') finishLink(node);
  else if (node.type === 'quote' && node.title === '') finishQuote(node);
  else if ((node.type === 'send' || node.type === 'put') && node.value === '') node.value = plainOf(node.children);
}

function finishLink(node: Extract<BbNode, { type: 'link' }>): void {
  const label = plainOf(node.children);
  const given = node.href === '' || node.href === 'tel:' ? node.href + label.trim() : node.href;
  const href = linkTarget(given);
  // Without an address to go to it is text, with what it would have led to left out.
  node.href = href ?? '';
  if (label === '') node.children = [{ type: 'text', text: given }];
}

/** The first line of a framed quote says who wrote it, and when. */
function finishQuote(node: Extract<BbNode, { type: 'quote' }>): void {
  const [first] = node.children;
  if (first?.type !== 'text') return;
  const title = /^([^\n]{1,200}? \[[^\]\n]{1,40}\])(?: #\S+)?\n/.exec(first.text);
  if (!title) return;
  node.title = title[1]!;
  node.children = [{ type: 'text', text: first.text.slice(title[0].length).replace(/\n$/, '') }, ...node.children.slice(1)];
}

/** The words of a tree, without anything else. */
export function plainOf(nodes: readonly BbNode[]): string {
  return nodes.map((node) => {
    if (node.type === 'text' || node.type === 'code') return node.text;
    return 'children' in node ? plainOf(node.children) : '';
  }).join('');
}

/** A text in one line, for quotes, previews and what is read aloud. */
export function plainText(text: string, most = 200): string {
  return plainOf(parseBb(text.slice(0, most * 4))).replace(/\s+/g, ' ').trim().slice(0, most);
}
