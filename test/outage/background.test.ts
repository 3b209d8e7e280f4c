/** A store that is not available for a while: who works in the background goes on afterwards, and the log is not flooded. */
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { StoreUnavailable, type Unavailability } from '../../src/db/database.ts';
import { Deliverer } from '../../src/delivery/handlers/deliverer.ts';
import { addApp } from '../support/application.ts';
import { tidemarkOn } from '../support/command.ts';
import { Handler } from '../support/handler.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

/** Why reading and writing fail at the moment; empty while they do not. */
let reading: Unavailability | '';
let writing: Unavailability | '';
/** Writes that still succeed before those fail. */
let spared: number;
let lines: Array<Record<string, unknown>>;
let portal: TestServer;

function failing(db: Database): Database {
  return new Proxy(db, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]) => {
        if (name === 'read' && reading) return Promise.reject(new StoreUnavailable(reading));
        if (name === 'write' && writing && (spared -= 1) < 0) return Promise.reject(new StoreUnavailable(writing));
        return member.apply(target, args) as unknown;
      };
    },
  });
}

beforeEach(async () => {
  reading = writing = '';
  spared = 0;
  lines = [];
  const output = new Writable({
    write(chunk, _encoding, done) {
      lines.push(JSON.parse(String(chunk)) as Record<string, unknown>);
      done();
    },
  });
  portal = await startTestServer({}, { store: failing, log: pino({ level: 'warn' }, output) });
});
afterEach(async () => {
  reading = writing = '';
  await portal[Symbol.asyncDispose]();
});

/** Less than this is no flood, however long it takes: one line of the calls, one of presence, one of whoever delivers. */
const FEW = 5;

test.each([['away', 'STORAGE_UNAVAILABLE'], ['busy', 'STORAGE_UNAVAILABLE'], ['full', 'STORAGE_FULL'], ['uncertain', 'STORAGE_UNCERTAIN']] as const)(
  'of two hundred calls that fail, as it is %s, one is said',
  async (reason, error) => {
    writing = reason;
    for (let i = 0; i < 200; i += 1) expect(await portal.admin.raw('im.message.add', { DIALOG_ID: 1, MESSAGE: 'x' })).toMatchObject({ status: 503, body: { error } });
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.length).toBeLessThan(FEW);
    portal.clock.advance(11_000);
    await portal.admin.raw('im.message.add', { DIALOG_ID: 1, MESSAGE: 'x' });
    expect(lines.filter(({ method }) => method === 'im.message.add').map(({ unsaid }) => unsaid)).toEqual([0, 199]);
    writing = '';
    expect((await portal.admin.raw('im.message.add', { DIALOG_ID: 1, MESSAGE: 'x' })).status).toBe(200);
  },
);

test('whoever delivers asks less and less often, and goes on by itself', async () => {
  const { context, ready } = portal.server;
  const log = context.log.child({ mine: true });
  await using deliverer = new Deliverer(context.messenger, ready.http, log);
  await deliverer.idle();
  reading = 'away';
  const said = () => lines.filter(({ mine }) => mine).map(({ pause }) => pause);
  for (let second = 0; second < 600; second += 1) {
    deliverer.wake();
    await deliverer.idle();
    portal.clock.advance(1000);
  }
  expect(said().slice(0, 6)).toEqual([500, 1000, 2000, 4000, 8000, 10_000]);
  expect(said().length).toBeLessThan(80);
  reading = '';
  portal.clock.advance(11_000);
  const before = said().length;
  deliverer.wake();
  await deliverer.idle();
  expect(said()).toHaveLength(before);
});

test.each([0, 1, 2, 3])('what happened is told, though the store goes away in the middle of it (after %i writes)', async (writes) => {
  const app = await addApp(portal);
  await tidemarkOn(portal, 'portal', 'set', '--private-handlers');
  const handler = await new Handler().start();
  try {
    await (await app.as(portal.admin)).call('event.bind', { EVENT: 'ONUSERADD', HANDLER: handler.url });
    const add = (NAME: string) => {
      [spared, writing] = [writes + 1, 'full'];
      return portal.admin.raw('user.add', { NAME, EMAIL: `${NAME}@example.org` });
    };
    // Whoever was active may be written down at this moment, in the place of the user.
    for (let attempt = 0; (await add(`late${attempt}`)).status !== 200; attempt += 1) writing = '';
    await expect.poll(() => spared < 0 || handler.told.length > 0, { timeout: 10_000 }).toBe(true);
    writing = '';
    portal.clock.advance(120_000);
    await expect.poll(() => handler.told.length, { timeout: 20_000 }).toBeGreaterThan(0);
  } finally {
    handler.server.closeAllConnections();
    handler.server.close();
  }
});

test('who was active is written down after the outage', async () => {
  const anna = await portal.addUser('Anna');
  writing = 'away';
  expect((await anna.raw('im.recent.get')).status).toBe(200);
  await expect.poll(() => lines.some(({ work }) => work === 'presence'), { timeout: 10_000 }).toBe(true);
  writing = '';
  await expect.poll(async () => (await portal.admin.call<{ last_activity_date: unknown }>('im.user.get', { ID: anna.userId })).last_activity_date, { timeout: 10_000 }).not.toBe(false);
});
