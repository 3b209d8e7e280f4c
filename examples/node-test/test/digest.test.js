import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { startPortal } from 'tidemark/testing';
import { connect } from '../src/client.js';
import { onEvent, sendDigest } from '../src/digest.js';

let portal, anna, call;

before(async () => {
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
after(() => portal.close());

/** What Anna has written to herself, the newest first. */
async function notes() {
  const { messages } = await portal.as('Anna').call('im.dialog.messages.get', { DIALOG_ID: portal.user('Anna') });
  return messages.map(({ text }) => text);
}

test('it names what is unread, and how much of it', async () => {
  await sendDigest(call);
  assert.deepEqual(await notes(), ['Good morning! This waits for you:\nKitchen: 2 unread, the last one: At noon']);
});

test('it says nothing where nothing waits', async () => {
  await using quiet = await startPortal({ users: ['Carla'] });
  assert.equal(await sendDigest(connect((await quiet.webhook('Carla')).url)), undefined);
});

test('it tries again when it has called too often', async () => {
  await portal.rehearse({ whose: anna, method: 'im.recent.get', error: 'QUERY_LIMIT_EXCEEDED', next: 2 });
  await sendDigest(call);
  assert.equal((await notes()).length, 1);
});

test('it gives up in the end, and says nothing by halves', async () => {
  await portal.rehearse({ whose: anna, method: 'im.recent.get', error: 'QUERY_LIMIT_EXCEEDED', rate: 1 });
  await assert.rejects(sendDigest(call), { code: 'QUERY_LIMIT_EXCEEDED' });
  assert.deepEqual(await notes(), []);
});

test('what is older than a week is left alone', async () => {
  await portal.clock.advance('8d');
  assert.equal(await sendDigest(call), undefined);
});

test('who writes "digest" gets it, also when the portal was busy the first time', async () => {
  const handler = (event) => onEvent(event, { pauseMs: 1 }).then(() => 200, () => 500);
  const app = await portal.app({ events: ['ONIMV2MESSAGEADD'], handler });
  await portal.rehearse({ whose: app, method: 'im.recent.get', error: 'INTERNAL_SERVER_ERROR' });
  await portal.as('Anna').call('im.message.add', { DIALOG_ID: `chat${portal.chat('Garden')}`, MESSAGE: 'Digest' });
  assert.deepEqual((await portal.events()).map(({ event }) => event), ['ONAPPINSTALL', 'ONIMV2MESSAGEADD']);
  assert.deepEqual(await notes(), []);
  await portal.clock.advance('1m');
  await portal.events();
  assert.equal((await notes()).length, 1);
});
