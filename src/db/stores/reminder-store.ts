import { type Selectable, sql } from 'kysely';
import type { Session, WriteSession } from '../database.ts';
import type { ReminderTable } from '../schema.ts';
import { statement } from '../statement.ts';

export type ReminderRow = Selectable<ReminderTable>;

const open = statement((q, p: { userId: number }) =>
  q.selectFrom('reminder').selectAll().where('user_id', '=', p.userId).where('done_at', '=', sql.lit(0)).orderBy('remind_at'),
);

const due = statement((q, p: { userId: number }) =>
  q
    .selectFrom('reminder')
    .select('chat_id')
    .where('user_id', '=', p.userId)
    .where('done_at', '=', sql.lit(0))
    .where('due', '=', sql.lit(1)),
);

/** The chats in which a reminder of the user has come due and is not done. */
export async function remindedChats(s: Session, userId: number): Promise<Set<number>> {
  return new Set((await s.all(due, { userId })).map((row) => row.chat_id));
}

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
  if (reminder.due === 0) s.changes.dueAt(reminder.remind_at);
  return row!.id;
}

/** The reminder as it was when it was done; undefined where it was done before. */
export async function finishReminder(s: WriteSession, id: number, at: number): Promise<ReminderRow | undefined> {
  const [row] = await s.query((q) => q.updateTable('reminder').set({ done_at: at }).where('id', '=', id).where('done_at', '=', 0).returningAll());
  return row;
}

/** Somebody who is no longer a member keeps no reminders on the chat's messages. */
export async function dropReminders(s: WriteSession, userId: number, chatId: number): Promise<void> {
  await s.query((q) => q.deleteFrom('reminder').where('user_id', '=', userId).where('chat_id', '=', chatId));
}
