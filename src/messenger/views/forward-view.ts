/** Where a forwarded message comes from. */
import { z } from 'zod';
import type { Zone } from '../../base/dates.ts';
import { storedMap } from './presenting.ts';
import { atom, int } from './scalars.ts';

/** The part of a message's stored parameters that says so; clients see it in `forward`. */
export const FORWARD = 'FORWARD';

export const forwardShape = z.strictObject({
  id: int.describe('Number of the message that was forwarded'),
  userId: int.describe('Who wrote it'),
  chatId: int.describe('Number of the chat it was written in'),
  date: atom.describe('When it was written'),
}).meta({ id: 'Forward' });

export type ForwardView = z.infer<typeof forwardShape>;

/** As it is stored; `at` in milliseconds. */
const storedShape = z.object({ id: z.int(), userId: z.int(), chatId: z.int(), at: z.int() });

export type Forward = z.infer<typeof storedShape>;

/** What a message was forwarded from; undefined for one that was written where it is. */
export function storedForward(params: Record<string, unknown>): Forward | undefined {
  return storedShape.safeParse(params[FORWARD]).data;
}

/** A message's parameters as clients see them, and where it comes from. */
export function viewParams(stored: string, zone: Zone): { params: Record<string, unknown>; forward: ForwardView | null } {
  const { [FORWARD]: _origin, ...params } = storedMap(stored);
  const origin = storedForward({ [FORWARD]: _origin });
  return { params, forward: origin ? { id: origin.id, userId: origin.userId, chatId: origin.chatId, date: zone.atom(origin.at) } : null };
}
