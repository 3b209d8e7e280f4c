import { findMessage } from '../../db/stores/message-store.ts';
import { findReminder, finishReminder, insertReminder, openReminders, type ReminderRow } from '../../db/stores/reminder-store.ts';
import { lockUser } from '../../db/stores/user-store.ts';
import { openMembership } from '../access/dialogs.ts';
import { done, type Outcome, refused } from '../../base/outcome.ts';
import type { Messenger } from '../messenger.ts';

/** How many reminders one user may have open: each is looked at when the list is read. */
export const REMINDER_LIMIT = 500;

/** Sets a reminder on a message that the user may see. `remindAt` in milliseconds; one in the past is due at once. */
export function addReminder(
  m: Messenger,
  userId: number,
  messageId: number,
  remindAt: number,
): Promise<Outcome<number, 'no_message' | 'too_many'>> {
  return m.db.write(async (s) => {
    await lockUser(s, userId);
    const message = await findMessage(s, messageId);
    const member = message && (await openMembership(s, userId, message.chat_id));
    if (!message || !member || message.id < member.start_id) return refused('no_message');
    if ((await openReminders(s, userId)).length >= REMINDER_LIMIT) return refused('too_many');
    return done(
      await insertReminder(s, { user_id: userId, chat_id: message.chat_id, message_id: messageId, remind_at: remindAt, done_at: 0 }),
    );
  });
}

/** Marks one's own reminder as done. */
export function finish(m: Messenger, userId: number, reminderId: number): Promise<Outcome<true, 'no_reminder'>> {
  return m.db.write(async (s) => {
    const reminder = await findReminder(s, reminderId);
    if (!reminder || reminder.user_id !== userId || reminder.done_at > 0) return refused('no_reminder');
    await finishReminder(s, reminder, m.clock.now());
    return done(true);
  });
}

/** One's reminders that are not done, the next to come due first. */
export function listReminders(m: Messenger, userId: number): Promise<ReminderRow[]> {
  return m.db.read((s) => openReminders(s, userId));
}
