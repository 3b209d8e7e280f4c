import { z } from 'zod';
import type { Zone } from '../../base/dates.ts';
import type { ReminderRow } from '../../db/stores/reminder-store.ts';
import { atom, int } from './scalars.ts';

/** A reminder on a message; `date` is when it comes due. */
export const reminderShape = z.strictObject({ id: int, message_id: int, chat_id: int, date: atom });

export function viewReminder({ id, message_id, chat_id, remind_at }: ReminderRow, zone: Zone): z.infer<typeof reminderShape> {
  return { id, message_id, chat_id, date: zone.atom(remind_at) };
}
