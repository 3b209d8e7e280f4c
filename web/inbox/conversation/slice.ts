/** Which messages of a long window are drawn: as many as are needed around where the reader is. */
import type { Message } from './message.ts';

/** Around a message, or the end; widened by what was scrolled to. */
export interface Slice {
  around: number | 'end';
  /** The first and last message drawn; left out before anything was scrolled to. */
  from?: number;
  to?: number;
}

export const firstSlice: Slice = { around: 'end' };

/** The message at which it was scrolled to; 0 for the end. */
export const placeOf = ({ around, from = 0 }: Slice): number => (around === 'end' ? from : around);

/** Messages drawn at first, added at a time, and at most. */
export const DRAWN = { first: 60, step: 40, most: 160 } as const;

/** The places of the first message drawn and of the one after the last. */
export function boundsOf(messages: readonly Message[], slice: Slice): [from: number, to: number] {
  const place = (id: number | undefined, otherwise: number) => {
    const at = id === undefined ? -1 : messages.findIndex((message) => message.id === id);
    return at === -1 ? otherwise : at;
  };
  if (slice.around === 'end') return [place(slice.from, Math.max(0, messages.length - DRAWN.first)), messages.length];
  const middle = place(slice.around, messages.length - 1);
  const from = place(slice.from, Math.max(0, middle - DRAWN.first / 2));
  const to = place(slice.to, Math.min(messages.length - 1, middle + DRAWN.first / 2)) + 1;
  return [Math.min(from, to), to];
}

/** Draws more on one side, and less on the other if that is too much. */
export function widened(messages: readonly Message[], slice: Slice, side: 'older' | 'newer', atEnd: boolean): Slice {
  const [from, to] = boundsOf(messages, slice);
  const first = side === 'older' ? Math.max(0, from - DRAWN.step) : Math.max(0, Math.min(from, to), to + DRAWN.step - DRAWN.most);
  const last = side === 'newer' ? Math.min(messages.length, to + DRAWN.step) : Math.min(to, first + DRAWN.most);
  if (last === messages.length && atEnd) return { around: 'end', from: messages[first]!.id };
  return { around: messages[Math.floor((first + last - 1) / 2)]!.id, from: messages[first]!.id, to: messages[last - 1]!.id };
}
