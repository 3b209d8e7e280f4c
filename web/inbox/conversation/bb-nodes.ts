/** What a text with BB codes is made of. */
import { splitLinks } from './links.ts';

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

export type Parent = Extract<BbNode, { children: BbNode[] }>;

/** A text, with the addresses in it as links. */
export function withLinks(text: string): BbNode[] {
  return splitLinks(text).map((part) => (
    part.href === undefined ? { type: 'text', text: part.text } : { type: 'link', href: part.href, children: [{ type: 'text', text: part.text }] }
  ));
}

/** The words of a tree, without anything else. */
export function plainOf(nodes: readonly BbNode[]): string {
  return nodes.map((node) => {
    if (node.type === 'text' || node.type === 'code') return node.text;
    return 'children' in node ? plainOf(node.children) : '';
  }).join('');
}
