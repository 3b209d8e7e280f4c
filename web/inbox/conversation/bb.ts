/**
 * Texts with BB codes, read into a tree of nodes. Whoever shows the tree makes elements of it, never markup, so that nothing
 * in a text can be more than text. Time grows with the length of the text alone.
 */
import { type BbNode, type Parent, plainOf, withLinks } from './bb-nodes.ts';
import { type Token, tokensOf } from './bb-tokens.ts';
import { linkTarget } from './links.ts';

/** Characters in which codes are looked for; what is beyond is text. The server keeps no more than a fifth of it. */
const MOST_CHARACTERS = 100_000;
/** Codes within codes beyond this depth have no effect. */
const DEEPEST = 24;

const BREAK = /\[br\]|#br#/gi;

export function parseBb(text: string): BbNode[] {
  const read = text.slice(0, MOST_CHARACTERS).replace(BREAK, '\n');
  const tokens = tokensOf(read);
  const nodes = treeOf(read, tokens);
  const rest = text.slice(MOST_CHARACTERS);
  return rest === '' ? nodes : [...nodes, { type: 'text', text: rest }];
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

/** A text in one line, for quotes, previews and what is read aloud. */
export function plainText(text: string, most = 200): string {
  return plainOf(parseBb(text.slice(0, most * 4))).replace(/\s+/g, ' ').trim().slice(0, most);
}
