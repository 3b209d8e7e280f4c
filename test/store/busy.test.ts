/** A lock that another program holds: one deadline however many wait, a clear error, and nothing lost afterwards. */
import { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';
import pg from 'pg';
import { expect, test } from 'vitest';
import { historyOf } from '../support/people.ts';
import { ENGINE, startTestServer, type TestServer } from '../support/server.ts';

/** Whoever waits longer has waited for two deadlines. */
const TWO_DEADLINES_MS = 10_000;

/** Takes the lock that a send into the chat needs; the value gives it back. */
async function takeLock(portal: TestServer, chatId: number): Promise<() => Promise<void>> {
  if (ENGINE === 'sqlite') {
    const other = new DatabaseSync(join(portal.folder, 'tidemark.db'));
    other.exec('begin immediate');
    return async () => other.close();
  }
  const other = new pg.Client({ connectionString: portal.databaseUrl });
  other.on('error', () => {});
  await other.connect();
  await other.query('begin');
  await other.query('select id from chat where id = $1 for update', [chatId]);
  return () => other.end();
}

test('while another program holds the lock, writers are told so within one deadline, and readers go on', async () => {
  await using portal = await startTestServer();
  const anna = await portal.addUser('Anna');
  const chat = await anna.call<number>('im.chat.add', { TITLE: 'Busy' });
  const DIALOG_ID = `chat${chat}`;
  const giveBack = await takeLock(portal, chat);
  const began = performance.now();
  const sends = Promise.all([1, 2, 3, 4, 5].map((n) => anna.raw('im.message.add', { DIALOG_ID, MESSAGE: `Refused ${n}` })));
  expect(await anna.call('im.recent.get')).toHaveLength(1);
  const answers = await sends;
  const took = performance.now() - began;
  for (const { status, body } of answers) {
    expect({ status, body }).toEqual({
      status: 503,
      body: { error: 'STORAGE_UNAVAILABLE', error_description: 'The database is busy. Nothing was changed, try again.' },
    });
  }
  expect(took).toBeLessThan(TWO_DEADLINES_MS);
  await giveBack();
  await anna.call('im.message.add', { DIALOG_ID, MESSAGE: 'Taken' });
  expect((await historyOf(anna, DIALOG_ID)).map(({ text }) => text).filter((text) => /^(Refused|Taken)/.test(text))).toEqual(['Taken']);
});

test('who comes while others wait has the same time to wait, and all are taken once the lock is free', async () => {
  await using portal = await startTestServer();
  const anna = await portal.addUser('Anna');
  const chat = await anna.call<number>('im.chat.add', { TITLE: 'Busy' });
  const DIALOG_ID = `chat${chat}`;
  const giveBack = await takeLock(portal, chat);
  const sends = [1, 2, 3].map((n) => anna.raw('im.message.add', { DIALOG_ID, MESSAGE: `Text ${n}` }));
  await anna.call('im.recent.get');
  sends.push(anna.raw('im.message.add', { DIALOG_ID, MESSAGE: 'Text 4' }));
  await anna.call('im.recent.get');
  await giveBack();
  expect((await Promise.all(sends)).map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  expect((await historyOf(anna, DIALOG_ID)).filter(({ text }) => text.startsWith('Text'))).toHaveLength(4);
});
