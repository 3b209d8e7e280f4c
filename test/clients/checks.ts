/** What every client must be able to do, whatever its language. Scripts give their results in these shapes. */
import { expect } from 'vitest';
import type { Check, Outcome } from './lane.ts';

/** The page's own parameters. */
export const EXAMPLE = { SKIP_OPENLINES: 'Y', LAST_UPDATE: '2026-02-25T18:30:00+01:00' };
/** Written by the clients and read back. */
export const TEXT = 'Ä ö ß — Ж щ 東京 🌊 <b>&amp;</b> %20+"\'\\';
/** Called by a client while the portal is too busy for the first time. */
export const BUSY_METHOD = 'im.counters.get';
export const TOO_BUSY = 'QUERY_LIMIT_EXCEEDED';

export function valueOf(outcome: Outcome): unknown {
  if ('error' in outcome) throw new Error(`the client raised ${outcome.error}: ${outcome.text}`);
  return outcome.value;
}

export const gives = (expected: unknown): Check => (outcome) => void expect(valueOf(outcome)).toEqual(expected);
export const raises = (error: string, text = ''): Check => (outcome) => void expect(outcome).toMatchObject({ error, text: expect.stringContaining(text) });

const ROWS = [
  { type: 'chat', title: 'Zürich ✈ 東京', message: { text: 'Wer kommt mit?' }, chat: { message_type: 'C' } },
  { type: 'user', id: 1, counter: 1, message: { text: 'Добрый день 🌊' }, user: { id: 1 } },
];
const GROUP = { type: 'chat', name: 'Zürich ✈ 東京' };

export const commonChecks: Record<string, Check> = {
  example: (outcome) => void expect(valueOf(outcome)).toMatchObject(ROWS),
  /** `me` is profile, `recent` the example, `group` im.dialog.get of `$result[recent][0][id]`. */
  namedBatch: (outcome, { annaId }) =>
    void expect(valueOf(outcome)).toMatchObject({ me: { ID: String(annaId), NAME: 'Anna', ADMIN: false }, recent: ROWS, group: GROUP }),
  /** The same without names. */
  listBatch: (outcome, { annaId }) => void expect(valueOf(outcome)).toMatchObject([{ ID: String(annaId) }, ROWS, GROUP]),
  /** A batch that goes on after an unknown method: what succeeded. */
  batchWithFailure: (outcome, { annaId }) => void expect(valueOf(outcome)).toMatchObject({ after: { ID: String(annaId) } }),
  /** Writes {@link TEXT} to user 1 and gives it as read back, both by itself and in a batch. */
  text: gives([TEXT, TEXT]),
  time: (outcome) => void expect(valueOf(outcome)).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$/),
};

/** What the official clients do with messages, notifications and searches. */
export const workChecks: Record<string, Check> = {
  /** A message with an attachment and a keyboard, changed, liked, found and deleted. */
  messages: gives({ text: `${TEXT} changed`, attach: true, keyboard: true, liked: true, found: 1, after: 0 }),
  /** A notification to oneself, read, found and deleted. */
  notices: gives({ text: TEXT, unread: [1, 0], found: 1, deleted: true, left: false }),
  /** A report sent as a file, shown in the history and fetched again. */
  files: gives({ name: 'report.csv', shown: true, content: `${TEXT};1\n` }),
  /** Of the people and chats that are found, whether those looked for are among them. */
  finding: gives({ user: true, chat: true, profile: true, nobody: 0 }),
};

/** The value that belongs to Anna's id. */
export const annas = (expected: (id: number) => unknown): Check => (outcome, { annaId }) => void expect(valueOf(outcome)).toEqual(expected(annaId));

/** The client tried again by itself: milliseconds that the call took. */
export const retried: Check = async (outcome, portal) => {
  expect(valueOf(outcome)).toBeGreaterThan(900);
  expect(await portal.answersOf(BUSY_METHOD)).toEqual({ 503: 1, 200: 1 });
};

/** The client gave up, with its own error. */
export const gaveUp = (error: string): Check => async (outcome, portal) => {
  expect(outcome).toMatchObject({ error });
  expect(await portal.answersOf(BUSY_METHOD)).toEqual({ 503: 1 });
};
