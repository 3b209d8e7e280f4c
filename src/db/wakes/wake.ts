/** Whom a change concerns, in a few words: for whoever waits for changes, here and on other nodes. */
import type { Changes } from '../changes.ts';

/** A hint to look, never the change itself: one that is lost costs a delay, one too many costs a look. */
export interface Wake {
  /** Users for whom, or of whom, something changed. */
  users: readonly number[];
  /** Chats that changed for all their members. */
  chats: readonly number[];
  /** Anything may have changed. */
  all: boolean;
}

export const WAKE_ALL: Wake = { users: [], chats: [], all: true };

/** Ids that one wake names at most; beyond it the wake is for all. */
const MOST_IDS = 1000;

/** After these, who waits may no longer be entitled to. */
const FOR_ALL = ['credentials', 'settings', 'user.changed'] as const;

/** Whom a commit wakes; undefined when nobody waits for such a change. */
export function wakeOf(changes: Changes): Wake | undefined {
  const { everything, users, accounts, chats } = changes;
  // Who waits may no longer be entitled to; a person who looks different does so in anybody's list.
  if (everything || FOR_ALL.some((what) => changes.has(what))) return WAKE_ALL;
  const concerned = new Set([...users, ...accounts, ...changes.sides().map(({ userId }) => userId), ...changes.notified()]);
  // What an application tells its clients concerns no list, and whoever is connected.
  if (concerned.size + chats.size === 0 && !changes.has('app.event')) return undefined;
  return { users: [...concerned], chats: [...chats], all: false };
}

export function mergeWakes(a: Wake | undefined, b: Wake): Wake {
  if (a === undefined) return b;
  if (a.all || b.all) return WAKE_ALL;
  const users = [...new Set([...a.users, ...b.users])];
  const chats = [...new Set([...a.chats, ...b.chats])];
  return users.length + chats.length > MOST_IDS ? WAKE_ALL : { users, chats, all: false };
}

/** PostgreSQL takes texts below 8000 bytes. */
const LONGEST_TEXT = 7900;

/** @param sender by whom a node knows its own */
export function encodeWake(sender: string, { users, chats, all }: Wake): string {
  const text = JSON.stringify({ sender, users, chats, all });
  return text.length <= LONGEST_TEXT ? text : JSON.stringify({ sender, ...WAKE_ALL });
}

/** What the nodes tell each other beside changes: it is worth nothing a few seconds later. */
export interface Signal {
  topic: string;
  detail: string;
}

/** Of topic and detail together, characters: fits into a message whatever they are. */
export const LONGEST_SIGNAL = 1200;

/** Takes as many of the signals as go into one message. */
export function encodeSignals(sender: string, signals: Signal[]): string {
  let count = 1;
  const encode = (most: number) => JSON.stringify({ sender, signals: signals.slice(0, most) });
  while (count < signals.length && Buffer.byteLength(encode(2 * count)) <= LONGEST_TEXT) count *= 2;
  const text = encode(count);
  signals.splice(0, count);
  return text;
}

/** What cannot be read, as from a later release, wakes all. */
export function decodeWake(text: string): { sender: string; wake: Wake; signals?: Signal[] } {
  const { sender: by, users, chats, all, signals } = asRecord(text);
  const sender = typeof by === 'string' ? by : '';
  if (Array.isArray(signals)) return { sender, wake: WAKE_ALL, signals: signals.filter(isSignal) };
  return { sender, wake: all === false && isIds(users) && isIds(chats) ? { users, chats, all } : WAKE_ALL };
}

function isSignal(value: unknown): value is Signal {
  const { topic, detail } = Object(value) as Record<string, unknown>;
  return typeof topic === 'string' && typeof detail === 'string';
}

function asRecord(text: string): Record<string, unknown> {
  try {
    return Object(JSON.parse(text)) as Record<string, unknown>;
  } catch {
    return {};
  }
}

function isIds(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((id) => Number.isSafeInteger(id));
}
