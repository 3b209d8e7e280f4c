/** A text with its codes as elements. */
import type { ComponentChild } from 'preact';
import { useState } from 'preact/hooks';
import { format } from '../../lib/time.ts';
import { goTo } from '../store/route.ts';
import { parseBb } from './bb.ts';
import { type BbNode, plainOf } from './bb-nodes.ts';
import { isMisleading } from './links.ts';
import { nameOf } from './people.ts';
import { t } from './words.ts';
import { userId as me } from '../../lib/told.ts';

export interface TextActions {
  /** Sends a text, as a button in the text asks for. */
  send?: ((text: string) => void) | undefined;
  /** Puts a text into the composer. */
  put?: ((text: string) => void) | undefined;
}

/** Longer texts show their beginning, and the rest when asked for. */
const LONG = 3000;
const SHOWN = 2000;

export function Text({ text, actions = {} }: { text: string; actions?: TextActions }) {
  const [whole, setWhole] = useState(false);
  const isLong = text.length > LONG;
  const nodes = parsed(isLong && !whole ? `${text.slice(0, SHOWN)}…` : text);
  return (
    <div class={isBigEmoji(text) ? 'text big' : 'text'} dir="auto">
      <Nodes nodes={nodes} actions={actions} />
      {isLong && <button type="button" class="more-text" onClick={() => setWhole(!whole)}>{whole ? t('showLess') : t('showMore')}</button>}
    </div>
  );
}

/** What was read is not read again for every drawing. */
const known = new Map<string, BbNode[]>();
const MOST_KNOWN = 400;

function parsed(text: string): BbNode[] {
  const before = known.get(text);
  if (before) return before;
  if (known.size >= MOST_KNOWN) known.clear();
  const nodes = parseBb(text);
  known.set(text, nodes);
  return nodes;
}

const EMOJI_ALONE = /^(?:\p{RGI_Emoji}\s?){1,3}$/v;

const isBigEmoji = (text: string): boolean => text.length < 60 && EMOJI_ALONE.test(text.trim());

export function Nodes({ nodes, actions }: { nodes: readonly BbNode[]; actions: TextActions }) {
  return <>{nodes.map((node, at) => <Node key={at} node={node} actions={actions} />)}</>;
}

function Node({ node, actions }: { node: BbNode; actions: TextActions }): ComponentChild {
  const inner = () => ('children' in node ? <Nodes nodes={node.children} actions={actions} /> : null);
  switch (node.type) {
    case 'text':
      return node.text;
    case 'bold':
      return <b>{inner()}</b>;
    case 'italic':
      return <i>{inner()}</i>;
    case 'underline':
      return <u>{inner()}</u>;
    case 'strike':
      return <s>{inner()}</s>;
    case 'link':
      return node.href === '' ? <>{inner()}</> : <Link node={node}>{inner()}</Link>;
    case 'user':
      return <Mention node={node} />;
    case 'dialog':
      return <a class="named" href={`#/${node.dialogId}${node.messageId ? `/${node.messageId}` : ''}`}>{inner()}</a>;
    case 'send':
      return <button type="button" class="in-text" disabled={!actions.send} onClick={() => actions.send?.(node.value)}>{inner()}</button>;
    case 'put':
      return <button type="button" class="in-text" disabled={!actions.put} onClick={() => actions.put?.(node.value)}>{inner()}</button>;
    case 'quote':
      return <blockquote class="quoted">{node.title && <cite dir="auto">{node.title}</cite>}{inner()}</blockquote>;
    case 'code':
      return <pre class="code" tabIndex={-1}><code>{node.text}</code></pre>;
    default:
      return rare(node, inner);
  }
}

type Rare = Extract<BbNode, { type: 'size' | 'color' | 'list' | 'item' | 'image' | 'time' | 'rating' }>;

function rare(node: Rare, inner: () => ComponentChild): ComponentChild {
  switch (node.type) {
    case 'size':
      return <span style={{ fontSize: `${node.px / 16}rem` }}>{inner()}</span>;
    case 'color':
      return <span class="coloured" style={{ '--given': node.color }}>{inner()}</span>;
    case 'list':
      return node.ordered ? <ol class="bb-list">{inner()}</ol> : <ul class="bb-list">{inner()}</ul>;
    case 'item':
      return <li>{inner()}</li>;
    case 'image':
      return <img class="in-text-picture" src={node.src} alt="" loading="lazy" decoding="async" referrerpolicy="no-referrer" />;
    case 'time':
      return <time dateTime={new Date(node.at).toISOString()}>{format('full', node.at)}</time>;
    case 'rating':
      return <span role="img" aria-label={`${node.value} / 5`}>{'★'.repeat(node.value)}{'☆'.repeat(5 - node.value)}</span>;
  }
}

function Mention({ node }: { node: Extract<BbNode, { type: 'user' }> }) {
  const label = plainOf(node.children).trim();
  const mine = node.id === me || node.id === 'all';
  const name = label || (node.id === 'all' ? t('sendToAll') : nameOf(node.id));
  const classes = mine ? 'named mine' : 'named';
  if (node.id === 'all' || node.id === me) return <span class={classes}><bdi>{name}</bdi></span>;
  return <a class={classes} href={`#/${node.id}`}><bdi>{name}</bdi></a>;
}

function Link({ node, children }: { node: Extract<BbNode, { type: 'link' }>; children: ComponentChild }) {
  const label = plainOf(node.children);
  const go = (event: MouseEvent) => {
    if (node.href.startsWith('/#/')) {
      event.preventDefault();
      goTo(node.href.slice(3));
    } else if (isMisleading(label, node.href) && !confirm(t('leaveForHint', { label, host: new URL(node.href).host }))) event.preventDefault();
  };
  return <a href={node.href} target="_blank" rel="noopener noreferrer" onClick={go}>{children}</a>;
}
