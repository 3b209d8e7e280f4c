/** What the server tells by itself, handed to whoever is concerned: once a frame, all of it together. */
import { batch } from '@preact/signals';
import type { RecentItem } from './row.ts';
import type { PresenceView, UserView } from './people.ts';

export interface Totals {
  ALL: number;
  NOTIFY: number;
  CHAT: number;
  LINES: number;
  DIALOG: number;
  MESSENGER: number;
}

/** The events of `/push/events` with what they bring. Of those of the conversation its own part knows the shape. */
export interface Events {
  ready: { user_id: number; reset_required: boolean; counters?: { TYPE: Totals } };
  /** `counters` is what `TYPE` of `im.counters.get` is; missing where the list was polled. */
  list: { items: RecentItem[]; removed: Array<number | string>; users: UserView[]; counters?: Totals };
  message: { dialog_id: string; chat_id: number; action: 'added' | 'updated' | 'deleted' | 'erased'; message: { id: number; text?: string; author_id?: number } & Record<string, unknown>; users?: UserView[]; files?: unknown[] };
  reaction: { dialog_id: string; chat_id: number; message_id: number; reactions: unknown };
  read: { dialog_id: string; chat_id: number; user_id: number; last_id: number; date: string };
  chat: { dialog_id: string; chat_id: number; change: string; joined?: number[]; left?: number[]; user_count?: number };
  writing: { dialog_id: string; chat_id: number; user_id: number; user_name: string; action?: 'text' | 'voice' };
  presence: { users: PresenceView[] };
  notification: { added?: unknown[]; changed?: unknown[]; deleted?: number[]; counter: number };
  /** What was known is no longer to be relied on: load anew. Not of the server, but made here. */
  reset: Record<string, never>;
}

export type EventName = keyof Events;
type Listener<N extends EventName> = (data: Events[N]) => void;

const listeners = new Map<EventName, Set<Listener<EventName>>>();
const waiting: Array<[EventName, unknown]> = [];
let planned = false;

/** Gives what ends it. */
export function onEvent<N extends EventName>(name: N, listener: Listener<N>): () => void {
  const all = listeners.get(name) ?? new Set();
  listeners.set(name, all);
  all.add(listener as Listener<EventName>);
  return () => all.delete(listener as Listener<EventName>);
}

/** @param data as it came: of a private dialog `dialog_id` is a number there, and here a text like any other */
export function tell<N extends EventName>(name: N, data: Events[N]): void {
  waiting.push([name, 'dialog_id' in data ? { ...data, dialog_id: String(data.dialog_id) } : data]);
  if (planned) return;
  planned = true;
  // Nothing is drawn while nobody looks, and frames do not come then.
  if (document.visibilityState === 'visible') requestAnimationFrame(handOut);
  else setTimeout(handOut, 50);
}

function handOut(): void {
  planned = false;
  const all = waiting.splice(0);
  batch(() => {
    for (const [name, data] of all) for (const listener of listeners.get(name) ?? []) heard(listener, data as Events[EventName]);
  });
}

/** What one listener cannot bear must not keep the others from hearing. */
function heard(listener: Listener<EventName>, data: Events[EventName]): void {
  try {
    listener(data);
  } catch (error) {
    reportError(error);
  }
}
