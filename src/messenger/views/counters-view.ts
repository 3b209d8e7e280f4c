import { z } from 'zod';
import { int } from './scalars.ts';

/** A map of numbers that is `[]` while empty, as clients written against PHP expect. */
const counterMap = z.union([z.tuple([]), z.record(z.string(), int.positive())]);

/** Unread numbers as the page im.counters.get shows them. */
export const countersShape = z.strictObject({
  TYPE: z.strictObject({ ALL: int, NOTIFY: int, CHAT: int, LINES: int, DIALOG: int, MESSENGER: int }),
  CHAT: counterMap,
  CHAT_MUTED: counterMap,
  CHAT_UNREAD: z.array(int),
  LINES: counterMap,
  DIALOG: counterMap,
  DIALOG_UNREAD: z.array(int),
  CHANNEL_COMMENT: z.union([z.tuple([]), z.record(z.string(), z.record(z.string(), int.positive()))]).describe('Unread comments by channel and thread'),
});

export type CountersView = z.infer<typeof countersShape>;

/** Unread numbers of one user. Silenced chats add to no total. */
export interface Counters {
  TYPE: CountersView['TYPE'];
  /** Chat id → unread messages. */
  CHAT: Record<string, number>;
  CHAT_MUTED: Record<string, number>;
  /** Chats marked unread by hand. */
  CHAT_UNREAD: number[];
  LINES: Record<string, number>;
  /** Partner's id → unread messages. */
  DIALOG: Record<string, number>;
  DIALOG_UNREAD: number[];
  /** Channel's id → thread's id → unread comments. */
  CHANNEL_COMMENT: Record<string, Record<string, number>>;
}

export function viewCounters(counters: Counters): CountersView {
  const { CHAT, CHAT_MUTED, LINES, DIALOG, CHANNEL_COMMENT } = counters;
  return { ...counters, CHAT: phpMap(CHAT), CHAT_MUTED: phpMap(CHAT_MUTED), LINES: phpMap(LINES), DIALOG: phpMap(DIALOG), CHANNEL_COMMENT: phpMap(CHANNEL_COMMENT) };
}

function phpMap<V>(map: Record<string, V>): [] | Record<string, V> {
  return Object.keys(map).length === 0 ? [] : map;
}
