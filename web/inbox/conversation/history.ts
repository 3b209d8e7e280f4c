/**
 * What is known of a dialog's messages: windows of its history, each without gaps, in the order of the ids. Nothing is changed
 * in place; every function gives the history as it is afterwards.
 */
import type { Message, Reactions } from './message.ts';

export interface Window {
  /** In the order of their ids; at least one, but in the only window of an empty dialog. */
  messages: readonly Message[];
  /** Whether there is nothing before it. */
  atStart: boolean;
  /** Whether there is nothing after it, and what arrives belongs to it. */
  atEnd: boolean;
}

/** Windows in their order; no two share or touch a message. */
export type History = readonly Window[];

/** Where a page was asked for: the newest, or before or after an id. */
export type Asked = { newest: true } | { before: number } | { after: number };

export const NOTHING: History = [];

/**
 * A page of the history, in any order.
 * @param complete whether the answer says that there is nothing further in the direction that was asked for
 */
export function withPage(history: History, page: readonly Message[], asked: Asked, complete: boolean): History {
  const messages = page.toSorted((a, b) => a.id - b.id);
  const fresh: Window = { messages, atStart: complete && !('after' in asked), atEnd: 'newest' in asked || ('after' in asked && complete) };
  const next = 'newest' in asked ? undefined : neighbourOf(history, asked);
  if (messages.length === 0) return history.length === 0 && 'newest' in asked ? [fresh] : bounded(history, next, fresh);
  const joined = next ? joinTwo(next, fresh) : fresh;
  return settle([...history.filter((window) => window !== next), joined]);
}

/** What was loaded around a message in two pages that meet at it. */
export function withWindow(history: History, messages: readonly Message[], atStart: boolean, atEnd: boolean): History {
  if (messages.length === 0) return history;
  return settle([...history, { messages: messages.toSorted((a, b) => a.id - b.id), atStart, atEnd }]);
}

/** The window that a page continues. */
function neighbourOf(history: History, asked: { before: number } | { after: number }): Window | undefined {
  if ('before' in asked) return history.find(({ messages: [first] }) => first?.id === asked.before);
  return history.find(({ messages }) => messages.at(-1)?.id === asked.after);
}

/** An empty page says that there is nothing more on that side. */
function bounded(history: History, window: Window | undefined, { atStart, atEnd }: Window): History {
  return history.map((one) => (one === window ? { ...one, atStart: one.atStart || atStart, atEnd: one.atEnd || atEnd } : one));
}

/** Makes one of the windows that overlap. */
function settle(windows: readonly Window[]): History {
  const sorted = windows.filter(({ messages }) => messages.length > 0).toSorted((a, b) => a.messages[0]!.id - b.messages[0]!.id);
  const settled: Window[] = [];
  for (const window of sorted) {
    const last = settled.at(-1);
    if (last && last.messages.at(-1)!.id >= window.messages[0]!.id) settled[settled.length - 1] = joinTwo(last, window);
    else settled.push(window);
  }
  return onlyOneEnd(settled);
}

/** Of two that say they reach the end, the later one does: what the earlier one lacks was missed. */
function onlyOneEnd(windows: readonly Window[]): History {
  return windows.map((window, at) => (window.atEnd && at < windows.length - 1 ? { ...window, atEnd: false } : window));
}

/** What comes second is the newer knowledge. */
function joinTwo(known: Window, fresh: Window): Window {
  const byId = new Map(known.messages.map((message) => [message.id, message]));
  for (const message of fresh.messages) byId.set(message.id, newerOf(byId.get(message.id), message));
  const messages = [...byId.values()].sort((a, b) => a.id - b.id);
  return { messages, atStart: known.atStart || fresh.atStart, atEnd: known.atEnd || fresh.atEnd };
}

/** Pages of a history do not tell reactions, so that what is known of them stays. */
function newerOf(known: Message | undefined, fresh: Message): Message {
  if (!known) return fresh;
  const reactions = Object.keys(fresh.reactions).length > 0 ? { ...known.reactions, ...fresh.reactions } : known.reactions;
  return { ...fresh, reactions, uuid: fresh.uuid || known.uuid };
}

/** A message that has arrived, or as it reads now. One that lies in no window is not kept: it is loaded when it is looked for. */
export function withMessage(history: History, message: Message): History {
  const at = history.findIndex(({ messages, atEnd }) => (
    (messages.length > 0 && messages[0]!.id <= message.id && message.id <= messages.at(-1)!.id) || (atEnd && message.id > (messages.at(-1)?.id ?? 0))
  ));
  if (at === -1) return history;
  return history.map((window, index) => (index === at ? joinTwo(window, { messages: [message], atStart: false, atEnd: false }) : window));
}

/** A message as it reads now, if it is known at all. */
export function withUpdate(history: History, message: Message): History {
  return find(history, message.id) ? withMessage(history, message) : history;
}

export function without(history: History, id: number): History {
  if (!find(history, id)) return history;
  const left = history.map((window) => (window.messages.some((message) => message.id === id) ? { ...window, messages: window.messages.filter((message) => message.id !== id) } : window));
  return left.filter(({ messages, atEnd }) => messages.length > 0 || atEnd);
}

export function withReactions(history: History, id: number, reactions: Reactions): History {
  const known = find(history, id);
  if (!known) return history;
  return history.map((window) => ({ ...window, messages: window.messages.map((message) => (message.id === id ? { ...known, reactions } : message)) }));
}

/** After it was offline for too long: what is known may have a gap before whatever comes now. */
export function interrupted(history: History): History {
  return history.some(({ atEnd }) => atEnd) ? history.map((window) => ({ ...window, atEnd: false })).filter(({ messages }) => messages.length > 0) : history;
}

export function find(history: History, id: number): Message | undefined {
  return windowAt(history, id)?.messages.find((message) => message.id === id);
}

/** The window in which an id lies. */
export function windowAt(history: History, id: number): Window | undefined {
  return history.find(({ messages }) => messages.length > 0 && messages[0]!.id <= id && id <= messages.at(-1)!.id);
}

export const endOf = (history: History): Window | undefined => history.find(({ atEnd }) => atEnd);

/** The highest id that is known. */
export const lastIdOf = (history: History): number => history.at(-1)?.messages.at(-1)?.id ?? 0;
