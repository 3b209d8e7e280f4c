/** What stands in the conversation: messages in groups, days, and the line before what is new. */
import { dayOf } from './days.ts';
import { isMap, keyOf, type Message } from './message.ts';
import type { Echo } from './outbox.ts';

/** Messages of one sender that are no further apart stand together. */
const GROUP_MS = 5 * 60_000;

/** Among so many of the last messages one that has just been taken is found. */
const LATELY = 100;

export type Row =
  | { kind: 'divider'; key: string }
  | { kind: 'service'; key: string; message: Message }
  | { kind: 'message'; key: string; message: Message; own: boolean; first: boolean; last: boolean }
  | { kind: 'echo'; key: string; echo: Echo; first: boolean; last: boolean };

export interface Day {
  key: string;
  at: number;
  rows: Row[];
}

export interface Shown {
  messages: readonly Message[];
  echoes: readonly Echo[];
  me: number;
  /** The first message below the line before what is new; 0 for no line. */
  dividerId: number;
}

/** What the messenger says itself has no author. */
export const isService = ({ authorId }: Message): boolean => authorId === 0;

export function daysOf({ messages, echoes, me, dividerId }: Shown): Day[] {
  const days: Day[] = [];
  let before: { authorId: number; at: number; row: Row } | undefined;
  const place = (at: number, row: Row, authorId: number) => {
    const key = dayOf(at);
    let day = days.at(-1);
    if (day?.key !== key) days.push((day = { key, at, rows: [] }));
    if (day.rows.length === 0) before = undefined;
    joinGroup(before, row, authorId, at);
    day.rows.push(row);
    before = { authorId, at, row };
  };
  for (const message of messages) {
    if (message.id === dividerId) place(message.at, { kind: 'divider', key: 'divider' }, -1);
    const key = keyOf(message);
    if (isService(message)) place(message.at, { kind: 'service', key, message }, 0);
    else place(message.at, { kind: 'message', key, message, own: message.authorId === me, first: true, last: true }, message.authorId);
  }
  const there = new Set(echoes.length > 0 ? messages.slice(-LATELY).map(({ uuid }) => uuid) : []);
  for (const echo of echoes) if (!there.has(echo.uuid)) place(Math.max(echo.at, messages.at(-1)?.at ?? 0), { kind: 'echo', key: echo.uuid, echo, first: true, last: true }, me);
  return days;
}

function joinGroup(before: { authorId: number; at: number; row: Row } | undefined, row: Row, authorId: number, at: number): void {
  if (!before || !('first' in row) || !('last' in before.row)) return;
  if (before.authorId !== authorId || at - before.at >= GROUP_MS || hasButtons(before.row)) return;
  before.row.last = false;
  row.first = false;
}

/** What is answered by buttons stands for itself. */
function hasButtons(row: Row): boolean {
  const keyboard = row.kind === 'message' ? row.message.params['KEYBOARD'] : undefined;
  return isMap(keyboard) || (Array.isArray(keyboard) && keyboard.length > 0);
}
