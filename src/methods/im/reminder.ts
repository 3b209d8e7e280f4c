/** Reminders on messages: ours, because the original offers `has_reminder` in the list and no method to set one. */
import { z } from 'zod';
import { addReminder, finish, listReminders } from '../../messenger/messages/reminders.ts';
import { reminderShape, viewReminder } from '../../messenger/views/reminder-view.ts';
import { error } from '../../rest/method.ts';
import { date, id } from '../../rest/params.ts';
import { argumentError } from '../../rest/request-error.ts';
import { defineMethod } from '../app.ts';
import { messageIdError } from '../params.ts';

const add = defineMethod({
  name: 'tidemark.reminder.add',
  scope: 'im',
  summary: 'Sets a reminder on a message and gives its id; once due it shows as has_reminder in the list',
  params: {
    MESSAGE_ID: id({ description: 'Message', error: 'MESSAGE_ID_ERROR' }),
    DATE: date({ description: 'When it comes due; at once when in the past' }),
  },
  example: { MESSAGE_ID: 12, DATE: '2026-02-25T18:30:00+01:00' },
  result: z.int().positive(),
  errors: {
    MESSAGE_ID_ERROR: messageIdError,
    TOO_MANY_REMINDERS: error('TOO_MANY_REMINDERS', 400, 'There are too many open reminders'),
  },
  async run({ context, caller, params, fail }) {
    if (params.DATE === undefined) throw argumentError('DATE', 'is null or empty');
    const outcome = await addReminder(context.messenger, caller, params.MESSAGE_ID, params.DATE);
    if (outcome.ok) return outcome.value;
    return fail(outcome.reason === 'no_message' ? 'MESSAGE_ID_ERROR' : 'TOO_MANY_REMINDERS');
  },
});

const done = defineMethod({
  name: 'tidemark.reminder.done',
  scope: 'im',
  summary: 'Marks a reminder as done',
  params: { ID: id({ description: 'Reminder', error: 'REMINDER_NOT_FOUND' }) },
  example: { ID: 1 },
  result: z.literal(true),
  errors: { REMINDER_NOT_FOUND: error('REMINDER_NOT_FOUND', 400, 'ID names no open reminder of yours') },
  async run({ context, caller, params, fail }) {
    const outcome = await finish(context.messenger, caller.userId, params.ID);
    return outcome.ok ? (true as const) : fail('REMINDER_NOT_FOUND');
  },
});

const list = defineMethod({
  name: 'tidemark.reminder.list',
  scope: 'im',
  summary: 'The caller\'s reminders that are not done, the next to come due first',
  params: {},
  result: z.array(reminderShape),
  errors: {},
  async run({ context, caller }) {
    const { zone } = await context.messenger.settings();
    const reminders = await listReminders(context.messenger, caller.userId);
    return reminders.map((reminder) => viewReminder(reminder, zone));
  },
});

export const reminderMethods = [add, done, list];
