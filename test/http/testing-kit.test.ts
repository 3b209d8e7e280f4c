/** `tidemark/testing`: a portal of one's own in a test. */
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { CallError, type Portal, type PortalOptions, startPortal } from '../../src/testing/index.ts';
import { ENGINE, onPostgres, POSTGRES_URL } from '../support/server.ts';

const database = ENGINE === 'sqlite' ? 'sqlite' : POSTGRES_URL;
const start = (options: PortalOptions = {}) => startPortal({ database, ...options });
const DAY = 86_400_000;

interface Row {
  chat_id: number;
  title: string;
  counter: number;
  message: { text: string };
}
const listOf = async (portal: Portal, who: string) => (await portal.as(who).call('im.recent.get')) as Row[];

describe.each(['this', 'child'] as const)('in %s process', (where) => {
  let portal: Portal;
  beforeAll(async () => {
    portal = await start({
      process: where,
      users: ['Anna', { name: 'Boris', email: 'boris@example.org', position: 'Cook' }],
      chats: [{ title: 'Kitchen', users: ['Anna', 'Boris'], messages: [['Anna', 'Soup?'], ['Boris', 'Soup!']] }],
    });
  });
  afterAll(() => portal.close());

  test('people, chats and what was said are there', async () => {
    expect(await listOf(portal, 'Anna')).toMatchObject([{ chat_id: portal.chat('Kitchen'), title: 'Kitchen', counter: 1, message: { text: 'Soup!' } }]);
    expect(await portal.call('user.get', { ID: portal.user('Boris') })).toMatchObject([{ EMAIL: 'boris@example.org', WORK_POSITION: 'Cook' }]);
    expect(() => portal.user('Carl')).toThrow('Anna, Boris');
  });

  test('a webhook has the scopes that it was given, and an error says its code', async () => {
    const narrow = await portal.webhook('Anna', ['user']);
    expect(await narrow.call('user.current')).toMatchObject({ ID: String(portal.user('Anna')) });
    const refused = await narrow.call('im.recent.get').catch((error: unknown) => error as CallError);
    expect(refused).toBeInstanceOf(CallError);
    expect(refused).toMatchObject({ code: 'insufficient_scope', status: 401, method: 'im.recent.get' });
  });

  test('an application is told of its events, and again of what its handler refused, once its pause is over', async () => {
    const statuses = [500, 200, 200];
    const app = await portal.app({ events: ['ONIMV2MESSAGEADD'], handler: ({ event }) => (event === 'ONIMV2MESSAGEADD' ? statuses.shift() : 200) });
    const say = (text: string) => portal.as('Boris').call('im.message.add', { DIALOG_ID: `chat${portal.chat('Kitchen')}`, MESSAGE: text });
    const told = async () => (await portal.events()).filter(({ event }) => event === 'ONIMV2MESSAGEADD').map(({ data }) => (data['message'] as { text: string }).text);
    await say('one');
    expect(await told()).toEqual(['one']);
    await portal.clock.advance('1m');
    await say('two');
    expect((await told()).toSorted()).toEqual(['one', 'one', 'two']);
    expect(statuses).toEqual([]);
    expect(await (await app.as('Anna')).call('app.info')).toMatchObject({ CODE: app.clientId });
  });

  test('a handler that throws has answered 500, and says why', async () => {
    const said = vi.spyOn(console, 'error').mockImplementation(() => {});
    const fault = new Error('out of soup');
    let times = 0;
    await portal.app({ events: ['ONIMV2MESSAGEADD'], handler: ({ event }) => {
      if (event === 'ONIMV2MESSAGEADD' && (times += 1) === 1) throw fault;
    } });
    await portal.as('Boris').call('im.message.add', { DIALOG_ID: portal.user('Anna'), MESSAGE: 'More?' });
    await portal.events();
    expect(said.mock.calls).toEqual([[expect.stringContaining('ONIMV2MESSAGEADD'), fault]]);
    said.mockRestore();
    await portal.clock.advance('1m');
    await portal.events();
    expect(times).toBe(2);
  });

  test('calls fail and wait as rehearsed, for whom it was asked', async () => {
    const [anna, boris] = [portal.as('Anna'), portal.as('Boris')];
    await portal.rehearse({ whose: anna, error: 'QUERY_LIMIT_EXCEEDED', next: 2 });
    const codes = async () => [(await anna.raw('profile')).body.error, (await boris.raw('profile')).body.error];
    expect([await codes(), await codes(), await codes()]).toEqual([['QUERY_LIMIT_EXCEEDED', undefined], ['QUERY_LIMIT_EXCEEDED', undefined], [undefined, undefined]]);
    await portal.rehearse({ whose: anna, error: 'INTERNAL_SERVER_ERROR', rate: 1 });
    expect(await codes()).toEqual(['INTERNAL_SERVER_ERROR', undefined]);
    await portal.endRehearsals(anna);
    expect(await codes()).toEqual([undefined, undefined]);
    await expect(portal.rehearse({ whose: anna, error: 'NO_SUCH_ERROR' })).rejects.toThrow('NO_SUCH_ERROR');
  });

  test('time passes when it is told to', async () => {
    const before = Date.parse((await portal.call('server.time')) as string);
    await portal.clock.advance('31d');
    expect(Date.parse((await portal.call('server.time')) as string) - before).toBeGreaterThanOrEqual(31 * DAY - 1000);
    expect(await listOf(portal, 'Anna')).toEqual([]);
    await expect(portal.clock.advance('soon')).rejects.toThrow('"soon" is not a duration');
  });

  test('all is as it was when the snapshot was taken, at the same address', async () => {
    const caller = await portal.webhook('Anna');
    // When somebody was active last is written down late, also by a stop.
    const rows = async () => ((await caller.call('im.recent.get')) as Array<Row & { user: unknown }>).map(({ user: _activity, ...row }) => row);
    const state = async () => [await rows(), await caller.call('im.counters.get')];
    await portal.as('Boris').call('im.message.add', { DIALOG_ID: portal.user('Anna'), MESSAGE: 'before' });
    const [before, http, snapshot] = [await state(), portal.http, await portal.snapshot()];
    for (const text of ['after', 'and after']) await portal.as('Boris').call('im.message.add', { DIALOG_ID: portal.user('Anna'), MESSAGE: text });
    await portal.addUser(`Dora of ${where}`);
    expect(await state()).not.toEqual(before);
    await portal.restore(snapshot);
    expect(portal.http).toBe(http);
    expect(await state()).toEqual(before);
    expect(() => portal.user(`Dora of ${where}`)).toThrow();
    await portal.as('Boris').call('im.message.add', { DIALOG_ID: portal.user('Anna'), MESSAGE: 'again' });
    await portal.restore();
    expect(await state()).toEqual(before);
  });
});

test('portals beside one another know nothing of each other, and leave nothing behind', async () => {
  const databases = async () => {
    let found: unknown[] = [];
    if (ENGINE === 'postgres') await onPostgres(async (client) => (found = (await client.query('select datname from pg_database where datname ~ $1', ['^(tidemark|copy)_'])).rows));
    return found.length;
  };
  const before = await databases();
  const folders: string[] = [];
  {
    await using first = await start({ users: ['Anna'] });
    await using second = await start({ users: ['Boris'], plan: 'standard' });
    folders.push(...[first, second].map(({ ca }) => dirname(dirname(ca))));
    expect(folders.every(existsSync)).toBe(true);
    expect([await first.call('user.get'), await second.call('user.get')]).toMatchObject([[{}, { NAME: 'Anna' }], [{}, { NAME: 'Boris' }]]);
    expect(first.http).not.toBe(second.http);
    await first.snapshot();
  }
  expect(folders.filter(existsSync)).toEqual([]);
  if (ENGINE === 'sqlite') expect(await databases()).toBe(before);
});

test('its clock begins where it is told to, also in the past, and with it all that is written', async () => {
  await using portal = await start({ clock: '2019-05-06T07:08:09Z', users: ['Anna', 'Boris'], chats: [{ title: 'Old', users: ['Anna', 'Boris'], messages: [['Anna', 'Hello']] }] });
  expect(await portal.call('server.time')).toMatch(/^2019-05-06T/);
  expect(await listOf(portal, 'Boris')).toMatchObject([{ message: { date: expect.stringMatching(/^2019-05-06T/) } }]);
  expect((await portal.as('Boris').raw('profile')).headers['x-tidemark-clock']).toMatch(/^-\d+/);
});

test('what cannot be is said before anything is left behind', async () => {
  await expect(startPortal({ database: 'mysql://x' })).rejects.toThrow('neither sqlite nor a postgres:// address');
  await expect(start({ chats: [{ title: 'X', users: ['Nobody'] }] })).rejects.toThrow('there is no user Nobody');
});
