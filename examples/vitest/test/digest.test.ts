import { readFileSync } from 'node:fs';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { type B24Hook, ParamsFactory } from '@bitrix24/b24jssdk';
import { type Caller, type Portal, startPortal } from 'tidemark/testing';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { connect } from '../src/connect.ts';
import { onEvent, sendDigest } from '../src/digest.ts';

/** What the SDK waits in production so as not to call too often is not worth waiting for here. */
const WITHOUT_PAUSES = { ...ParamsFactory.getDefault(), rateLimit: { burstLimit: 100, drainRate: 1000, adaptiveEnabled: false } };

let portal: Portal;
let anna: Caller;
let $b24: B24Hook;

beforeAll(async () => {
  portal = await startPortal({
    users: ['Anna', 'Boris'],
    chats: [
      { title: 'Kitchen', users: ['Boris', 'Anna'], messages: [['Anna', 'Soup?'], ['Boris', 'Soup!'], ['Boris', 'At noon']] },
      { title: 'Garden', users: ['Anna', 'Boris'], messages: [['Boris', 'Roses?'], ['Anna', 'Roses!']] },
    ],
  });
  setDefaultCACertificates([...getCACertificates('default'), readFileSync(portal.ca, 'utf8')]);
  anna = await portal.webhook('Anna', ['im']);
  $b24 = await over(anna);
  await portal.snapshot();
});
beforeEach(() => portal.restore());
afterAll(() => portal.close());

/** The SDK speaks HTTPS alone, and trusts the portal's certificate because this process does. */
const over = (caller: Caller) => connect(caller.url.replace(portal.http, portal.https), WITHOUT_PAUSES);

/** What Anna has written to herself, the newest first. Parameters and the result are typed, as the method declares them. */
async function notes(): Promise<string[]> {
  const { messages } = await portal.as('Anna').call('im.dialog.messages.get', { DIALOG_ID: portal.user('Anna') });
  return messages.map(({ text }) => text);
}

test('it names what is unread, and how much of it', async () => {
  await sendDigest($b24);
  expect(await notes()).toEqual(['Good morning! This waits for you:\nKitchen: 2 unread, the last one: At noon']);
});

test('it tries again when it has called too often', async () => {
  await portal.rehearse({ whose: anna, method: 'im.recent.get', error: 'QUERY_LIMIT_EXCEEDED' });
  await sendDigest($b24);
  expect(await notes()).toHaveLength(1);
});

test('a webhook that may not read chats is told so', async () => {
  const narrow = await portal.webhook('Anna', ['user']);
  await expect(sendDigest(await over(narrow))).rejects.toMatchObject({ code: 'insufficient_scope', status: 401 });
});

test('what is older than a week is left alone', async () => {
  await portal.clock.advance('8d');
  expect(await sendDigest($b24)).toBeUndefined();
});

test('a message asks for it', async () => {
  await portal.app({ events: ['ONIMV2MESSAGEADD'], handler: (event) => onEvent($b24, event) });
  await portal.as('Boris').call('im.message.add', { DIALOG_ID: portal.user('Anna'), MESSAGE: 'Digest' });
  await portal.events();
  expect(await notes()).toEqual([expect.stringContaining('Boris: 1 unread, the last one: Digest')]);
});

test('a portal of its own for one test goes with it', async () => {
  await using quiet = await startPortal({ users: ['Carla'] });
  expect(await quiet.as('Carla').call('im.recent.get')).toEqual([]);
});
