import type { WriteSession } from '../../db/database.ts';
import { updateMember } from '../../db/stores/member-store.ts';
import { findReminder, finishReminder, insertReminder, openReminders, type ReminderRow } from '../../db/stores/reminder-store.ts';
import { lockUser } from '../../db/stores/user-store.ts';
import type { Viewer } from '../access/viewer.ts';
import { done, type Outcome, refused } from '../../base/outcome.ts';
import type { Messenger } from '../messenger.ts';
import { findVisible } from '../posting/visible-message.ts';

/** How many reminders one user may have open: each is looked at when the list is read. */
export const REMINDER_LIMIT = 500;

/** Sets a reminder on a message that the user may see. `remindAt` in milliseconds; one in the past is due at once. */
export function addReminder(
  m: Messenger,
  viewer: Viewer,
  messageId: number,
  remindAt: number,
): Promise<Outcome<number, 'no_message' | 'too_many'>> {
  const { userId } = viewer;
  return m.db.write(async (s) => {
    await lockUser(s, userId);
    const found = await findVisible(s, viewer, messageId);
    if (!found) return refused('no_message');
    const { chat_id: chatId } = found.message;
    if ((await openReminders(s, userId)).length >= REMINDER_LIMIT) return refused('too_many');
    const due = remindAt <= m.clock.now() ? 1 : 0;
    if (due) await touchRow(s, m, userId, chatId);
    return done(
      await insertReminder(s, { user_id: userId, chat_id: chatId, message_id: messageId, remind_at: remindAt, done_at: 0, due }),
    );
  });
}

/** Marks one's own reminder as done. */
export function finish(m: Messenger, userId: number, reminderId: number): Promise<Outcome<true, 'no_reminder'>> {
  return m.db.write(async (s) => {
    const reminder = await findReminder(s, reminderId);
    if (!reminder || reminder.user_id !== userId || reminder.done_at > 0) return refused('no_reminder');
    const finished = await finishReminder(s, reminderId, m.clock.now());
    if (!finished) return refused('no_reminder');
    if (finished.due === 1) await touchRow(s, m, userId, finished.chat_id);
    return done(true);
  });
}

/** The row shows whether a reminder is due: see {@link file://../due.ts}. */
async function touchRow(s: WriteSession, m: Messenger, userId: number, chatId: number): Promise<void> {
  await updateMember(s, userId, chatId, { updated_at: m.stamp() });
}

/** One's reminders that are not done, the next to come due first. */
export function listReminders(m: Messenger, userId: number): Promise<ReminderRow[]> {
  return m.db.read((s) => openReminders(s, userId));
}
