/** The errors of the methods of the system, and of ours. See error-cases.ts. */
import type { Client } from '../support/client.ts';
import { each, type ErrorCases, messageIdError, NO_IDS } from './error-kit.ts';
import { NOBODY } from './scene.ts';

export const ownCases: ErrorCases = {
  'server.time': {}, methods: {}, scope: {}, profile: {}, batch: {},
  'tidemark.recent.changes': {},
  'tidemark.apps.list': {},
  'tidemark.reminder.add': {
    MESSAGE_ID_ERROR: messageIdError(() => ({ DATE: '2026-02-25T18:30:00+01:00' })),
    TOO_MANY_REMINDERS: {
      status: 400, code: 'TOO_MANY_REMINDERS', text: 'There are too many open reminders',
      before: ({ anna, messages }) => fillReminders(anna, messages.annas),
      given: ({ messages }) => [{ MESSAGE_ID: messages.annas, DATE: '2026-02-25T18:30:00+01:00' }],
    },
  },
  'tidemark.reminder.done': {
    REMINDER_NOT_FOUND: {
      status: 400, code: 'REMINDER_NOT_FOUND', text: 'ID names no open reminder of yours', given: () => each('ID', [...NO_IDS, NOBODY]),
    },
  },
  'tidemark.reminder.list': {},
};

const MOST_REMINDERS = 500;
const AT_ONCE = 50;

async function fillReminders(who: Client, messageId: number): Promise<void> {
  // None of them comes due while what is stored is compared.
  const params = { MESSAGE_ID: messageId, DATE: '2099-02-25T18:30:00+01:00' };
  for (let sent = 0; sent < MOST_REMINDERS; sent += AT_ONCE) {
    await Promise.all(Array.from({ length: AT_ONCE }, () => who.call('tidemark.reminder.add', params)));
  }
}
