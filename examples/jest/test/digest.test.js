import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { startPortal } from 'tidemark/testing';
import { connect } from '../src/client.js';
import { onEvent, sendDigest } from '../src/digest.js';

let portal, anna, call;

beforeAll(async () => {
  portal = await startPortal({
    users: ['Anna', 'Boris'],
    chats: [
      { title: 'Kitchen', users: ['Boris', 'Anna'], messages: [['Anna', 'Soup?'], ['Boris', 'Soup!'], ['Boris', 'At noon']] },
      { title: 'Garden', users: ['Anna', 'Boris'], messages: [['Boris', 'Roses?'], ['Anna', 'Roses!']] },
    ],
  });
  anna = await portal.webhook('Anna', ['im']);
  call = connect(anna.url, { pauseMs: 1 });
  await portal.snapshot();
});
beforeEach(() => portal.restore());
afterAll(() => portal.close());

/** What Anna has written to herself, the newest first. */
async function notes() {
  const { messages } = await portal.as('Anna').call('im.dialog.messages.get', { DIALOG_ID: portal.user('Anna') });
  return messages.map(({ text }) => text);
}

test('it names what is unread, and how much of it', async () => {
  await sendDigest(call);
  expect(await notes()).toEqual(['Good morning! This waits for you:\nKitchen: 2 unread, the last one: At noon']);
});

test('it says nothing where nothing waits', async () => {
  await using quiet = await startPortal({ users: ['Carla'] });
  expect(await sendDigest(connect((await quiet.webhook('Carla')).url))).toBe(undefined);
});

test('it tries again when it has called too often', async () => {
  await portal.rehearse({ whose: anna, method: 'im.recent.get', error: 'QUERY_LIMIT_EXCEEDED', next: 2 });
  await sendDigest(call);
  expect(await notes()).toHaveLength(1);
});

test('it gives up in the end, and says nothing by halves', async () => {
  await portal.rehearse({ whose: anna, method: 'im.recent.get', error: 'QUERY_LIMIT_EXCEEDED', rate: 1 });
  await expect(sendDigest(call)).rejects.toMatchObject({ code: 'QUERY_LIMIT_EXCEEDED' });
  expect(await notes()).toEqual([]);
});

test('what is older than a week is left alone', async () => {
  await portal.clock.advance('8d');
  expect(await sendDigest(call)).toBe(undefined);
});

test('who writes "digest" gets it, also when the portal was busy the first time', async () => {
  const handler = (event) => onEvent(event, { pauseMs: 1 }).then(() => 200, () => 500);
  const app = await portal.app({ events: ['ONIMV2MESSAGEADD'], handler });
  await portal.rehearse({ whose: app, method: 'im.recent.get', error: 'INTERNAL_SERVER_ERROR' });
  await portal.as('Anna').call('im.message.add', { DIALOG_ID: `chat${portal.chat('Garden')}`, MESSAGE: 'Digest' });
  expect((await portal.events()).map(({ event }) => event)).toEqual(['ONAPPINSTALL', 'ONIMV2MESSAGEADD']);
  expect(await notes()).toEqual([]);
  await portal.clock.advance('1m');
  await portal.events();
  expect(await notes()).toHaveLength(1);
});
