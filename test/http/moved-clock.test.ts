/** `tidemark clock`: what takes long can be tested without waiting, and nobody can overlook that the clock is moved. */
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { updateUser } from '../../src/db/stores/user-store.ts';
import { writeSetting } from '../../src/db/stores/portal-store.ts';
import { type Move, moveClock } from '../../src/portal/moving-clock.ts';
import { addApp } from '../support/application.ts';
import type { Client } from '../support/client.ts';
import { tidemarkOn } from '../support/command.ts';
import { Handler } from '../support/handler.ts';
import { send } from '../support/http.ts';
import { historyOf, rowOf, say } from '../support/people.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const logged: Array<Record<string, unknown>> = [];
const log = pino(new Writable({ write: (line: Buffer, _encoding, done) => (logged.push(JSON.parse(String(line)) as Record<string, unknown>), done()) }));
let portal: TestServer;
let anna: Client;
let boris: Client;

beforeAll(async () => {
  portal = await startTestServer({}, { log });
  [anna, boris] = [await portal.addUser('Anna'), await portal.addUser('Boris')];
});
afterAll(() => portal[Symbol.asyncDispose]());
beforeEach(async () => {
  await setting('movable_clock', '1');
  await move('release');
});

async function setting(key: string, value: string): Promise<void> {
  await portal.server.context.db.write((s) => writeSetting(s, key, value));
}

async function move(how: Move): Promise<unknown> {
  const { db, clock, messenger } = portal.server.context;
  const moved = await db.write((s) => moveClock(s, clock.real, how));
  await messenger.settings();
  return moved;
}

const said = async (path: string) => (await send(`${portal.http}${path}`)).headers['x-tidemark-clock'];
const serverTime = async () => Date.parse(await anna.call<string>('server.time')) - portal.clock.now();

test('unless the portal allows it the clock stays, and what was moved before is not followed', async () => {
  await move({ advance: HOUR });
  await setting('movable_clock', '0');
  expect(Math.abs(await serverTime())).toBeLessThan(60_000);
  expect(await said('/healthz')).toBe(undefined);
  expect(await move({ advance: HOUR })).toBe('not allowed');
  await expect(tidemarkOn(portal, 'clock', 'advance', '2h')).rejects.toThrow('portal set --movable-clock');
  expect(await tidemarkOn(portal, 'doctor')).toMatch(/ok {5} +clock: the machine's/);
});

test('moved by the command, the server follows before it ends; every answer, the log, the figures and the doctor say so', async () => {
  const { offset } = JSON.parse(await tidemarkOn(portal, 'clock', 'advance', '1d2h', '--json')) as { offset: number };
  expect(offset).toBe(26 * 3600);
  expect(Math.abs((await serverTime()) - 26 * HOUR)).toBeLessThan(60_000);
  const paths = ['/healthz', '/docs/', '/nowhere', `/rest/${anna.userId}/${anna.url.split('/').at(-2)}/profile`, '/rest/x'];
  for (const path of paths) expect([path, await said(path)]).toEqual([path, '+93600']);
  expect(logged.at(-1)).toMatchObject({ level: 40, msg: 'the clock is moved by 1d2h' });
  expect((await send(`${portal.http}/metrics`)).text).toMatch(/^tidemark_clock_moved_seconds 93600$/m);
  await expect(tidemarkOn(portal, 'doctor')).rejects.toThrow();
  expect(await tidemarkOn(portal, 'clock', 'show')).toMatch(/, 1d2h ahead\n$/);
  await tidemarkOn(portal, 'clock', 'release');
  expect(await said('/healthz')).toBe(undefined);
  expect(logged.at(-1)).toMatchObject({ msg: 'the clock is the machine\'s again' });
});

test.each([['advance', '2x'], ['advance', '0s'], ['advance', ''], ['set', 'tomorrow'], ['advance', '99999d']])('clock %s %s is refused and moves nothing', async (what, value) => {
  await expect(tidemarkOn(portal, 'clock', what, value)).rejects.toThrow(/^tidemark: .*clock/);
  expect(await said('/healthz')).toBe(undefined);
});

test('a reminder comes due, an absence ends, a token expires', async () => {
  const message = await say(boris, anna.userId);
  const token = await (await addApp(portal)).as(anna);
  await anna.call('tidemark.reminder.add', { MESSAGE_ID: message, DATE: new Date(portal.clock.now() + HOUR).toISOString() });
  await portal.server.context.db.write((s) => updateUser(s, boris.userId, { absent_until: portal.clock.now() + 2 * HOUR }));
  const state = async () => {
    const row = (await rowOf(anna, boris.userId)) as unknown as { has_reminder: boolean; user: { absent: unknown } };
    return [row.has_reminder, row.user.absent !== false, (await token.raw('profile')).status];
  };
  expect(await state()).toEqual([false, true, 200]);
  await move({ advance: HOUR - 60_000 });
  expect(await state()).toEqual([false, true, 200]);
  await move({ advance: 62_000 });
  expect(await state()).toEqual([true, true, 401]);
  await move({ advance: HOUR });
  expect(await state()).toEqual([true, false, 401]);
});

test('a chat of which nothing was heard leaves the thirty days of im.recent.get', async () => {
  const carl = await portal.addUser('Carl');
  await say(carl, anna.userId);
  expect(await rowOf(anna, carl.userId)).toBeDefined();
  // What was written goes on from the latest date that the tests before gave out, a few days ahead.
  await move({ advance: 40 * DAY });
  expect((await anna.call<Array<{ id: unknown }>>('im.recent.get')).filter(({ id }) => id === carl.userId)).toEqual([]);
});

test('a throttle lets go when time passes, and not when somebody sets the time of day', async () => {
  await setting('plan', 'standard');
  try {
    const callsUntilRefused = async () => {
      for (let calls = 0; calls < 400; calls += 1) if ((await anna.raw('profile')).body.error === 'QUERY_LIMIT_EXCEEDED') return calls;
      return Infinity;
    };
    expect(await callsUntilRefused()).toBeLessThan(400);
    await move({ set: portal.clock.now() + DAY });
    expect(await callsUntilRefused()).toBeLessThan(25);
    await move({ advance: 60_000 });
    expect(await callsUntilRefused()).toBeGreaterThanOrEqual(49);
  } finally {
    await setting('plan', 'self-hosted');
  }
});

test('an event that was refused is sent again after its pause', async () => {
  await setting('private_handlers', '1');
  const handler = await new Handler().start();
  try {
    const app = await addApp(portal);
    const client = await app.as(anna);
    await client.call('event.bind', { event: 'ONIMV2MESSAGEADD', handler: handler.url });
    handler.status = 500;
    await say(boris, anna.userId, { MESSAGE: 'once more' });
    const first = await handler.next('ONIMV2MESSAGEADD');
    handler.status = 200;
    // What comes of the first attempt is written down after it was answered.
    const { db } = portal.server.context;
    const attempts = () => db.read((s) => s.query((q) => q.selectFrom('delivery').select('attempts').orderBy('id', 'desc').limit(1)));
    while ((await attempts())[0]?.attempts !== 1) await new Promise((resolve) => setImmediate(resolve));
    await move({ advance: HOUR });
    expect((await handler.next('ONIMV2MESSAGEADD')).data).toEqual(first.data);
  } finally {
    handler.server.closeAllConnections();
    handler.server.close();
  }
});

test('released, dates are the machine\'s again, what was written keeps its order, and a restart stays where the clock was', async () => {
  await move({ set: Date.parse('2040-05-06T07:08:09Z') });
  expect(await anna.call('server.time')).toMatch(/^2040-05-06T07:0[89]:/);
  const first = await say(anna, boris.userId);
  await portal.restart();
  const again = { ...anna, ...(await portal.addUser('Dora')) };
  expect(await again.call('server.time')).toMatch(/^2040-05-06T/);
  expect(logged.some(({ msg }) => String(msg).startsWith('the clock is moved by '))).toBe(true);
  await move('release');
  expect(Math.abs(Date.parse(await again.call<string>('server.time')) - portal.clock.now())).toBeLessThan(60_000);
  const second = await say(again, boris.userId);
  expect(second).toBeGreaterThan(first);
  const [message] = (await historyOf(again, boris.userId)) as unknown as Array<{ date: string }>;
  expect(message!.date).toMatch(/^2040-05-06T/);
});
