/** What the vendor calls a command: the part that all are told alike is encoded once, and so is each of the others that several share. */
import type { Zone } from '../../../../base/dates.ts';
import type { ChatRow } from '../../../../db/stores/chat-store.ts';
import type { Recipient, Side } from '../../happening.ts';
import { PullEvent } from '../pull-event.ts';

export type Params = Record<string, unknown>;

export interface Command {
  name: string;
  /** Its own module, where it is one that the vendor's clients have no name for. */
  module?: 'im' | 'tidemark';
  /** What is the same for all. */
  shared: Params;
  /** What is one's own; undefined for who is not told. */
  own?(to: Recipient): Params | undefined;
  /** Seconds for which it is worth something. */
  expiry?: number;
  /** For whoever looks on. */
  isShared?: boolean;
}

export type Maker = (to: Recipient) => PullEvent | undefined;

/** @param at milliseconds */
export function making({ name, module = 'im', shared, own = () => ({}), expiry = 0, isShared = false }: Command, at: number, zone: Zone): Maker {
  const start = JSON.stringify(shared);
  const made = new Map<string, PullEvent>();
  return (to) => {
    const mine = own(to);
    if (!mine) return undefined;
    const text = JSON.stringify(mine);
    let event = made.get(text);
    if (!event) made.set(text, (event = new PullEvent({ module, command: name, params: joined(start, text), at, expiry, isShared }, zone)));
    return event;
  };
}

/** Two maps in one. */
function joined(a: string, b: string): string {
  if (a === '{}') return b;
  return b === '{}' ? a : `${a.slice(0, -1)},${b.slice(1)}`;
}

/** The dialog as the receiver names it; undefined for who has no side in it. */
export function withSide(make: (side: Side, to: Recipient) => Params): (to: Recipient) => Params | undefined {
  return (to) => to.side && make(to.side, to);
}

export function counterType(chat: Pick<ChatRow, 'type' | 'entity_type'>): 'chat' | 'comment' | 'collab' | 'openLine' {
  if (chat.type === 'T') return 'comment';
  if (chat.type === 'B') return 'collab';
  return chat.entity_type === 'LINES' ? 'openLine' : 'chat';
}

/** The counters of a dialog, absolute. */
export function countersOf({ row }: Side) {
  return { counter: row.counter, muted: row.muted === 1, unread: row.unread === 1 };
}
