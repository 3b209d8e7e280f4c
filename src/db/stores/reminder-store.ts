import { type Selectable, sql } from 'kysely';
import type { Session, WriteSession } from '../database.ts';
import type { ReminderTable } from '../schema.ts';
import { statement } from '../statement.ts';

export type ReminderRow = Selectable<ReminderTable>;

const open = statement((q, p: { userId: number }) =>
  q.selectFrom('reminder').selectAll().where('user_id', '=', p.userId).where('done_at', '=', sql.lit(0)).orderBy('remind_at'),
);

/** The user's reminders that are not done, the next to come due first. */
export function openReminders(s: Session, userId: number): Promise<ReminderRow[]> {
  return s.all(open, { userId });
}

export async function findReminder(s: Session, id: number): Promise<ReminderRow | undefined> {
  const [row] = await s.query((q) => q.selectFrom('reminder').selectAll().where('id', '=', id));
  return row;
}

export async function insertReminder(s: WriteSession, reminder: Omit<ReminderRow, 'id'>): Promise<number> {
  const [row] = await s.query((q) => q.insertInto('reminder').values(reminder).returning('id'));
  return row!.id;
}

export async function finishReminder(s: WriteSession, reminder: ReminderRow, at: number): Promise<void> {
  await s.query((q) => q.updateTable('reminder').set({ done_at: at }).where('id', '=', reminder.id));
}

/** Somebody who is no longer a member keeps no reminders on the chat's messages. */
export async function dropReminders(s: WriteSession, userId: number, chatId: number): Promise<void> {
  await s.query((q) => q.deleteFrom('reminder').where('user_id', '=', userId).where('chat_id', '=', chatId));
}
