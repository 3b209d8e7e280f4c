/** A machine's clock that is set back, leaps, stands still or is wrong at a start: order, sync and expiry go on. */
import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clock } from '../../src/db/migrations/0003-clock.ts';
import { readMark } from '../../src/db/stores/portal-store.ts';
import { addApp, askForTokens, clientWith } from '../support/application.ts';
import type { Client } from '../support/client.ts';
import { addCrowd, type Row, say, stable } from '../support/people.ts';
import { movedTo, startTestServer, type TestServer } from '../support/server.ts';
import { runs } from '../support/runs.ts';

const SECOND = 1000;
const HOUR = 3600 * SECOND;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

let portal: TestServer;
let crowd: number[];

beforeAll(async () => {
  portal = await startTestServer();
  crowd = await addCrowd(portal, 100);
});
afterAll(() => portal[Symbol.asyncDispose]());

interface Answer {
  result: Row[];
  time: { date_start: string; date_finish: string; start: number; finish: number };
}

/** How a client says what it has. */
const KINDS = {
  'the start of the last call, as LAST_SYNC_DATE': ({ time }: Copy) => ({ LAST_SYNC_DATE: time!.date_start }),
  'the start of the last call, as LAST_UPDATE': ({ time }: Copy) => ({ LAST_UPDATE: time!.date_start }),
  'the newest change it has': ({ rows }: Copy) => ({
    LAST_SYNC_DATE: [...rows.values()].reduce((newest, row) => (Date.parse(row.date_update) > Date.parse(newest) ? row.date_update : newest), '1970-01-01T00:00:00Z'),
  }),
};

interface Copy {
  since: (copy: Copy) => Record<string, string>;
  rows: Map<number, Row>;
  time: Answer['time'] | undefined;
}

/** Brings a client's copy up to date, or fetches it. */
async function sync(who: Client, copy: Copy): Promise<void> {
  const { result, time } = stable((await who.raw('im.recent.get', copy.time ? copy.since(copy) : {})).body) as unknown as Answer;
  for (const row of result) copy.rows.set(row.chat_id, row);
  copy.time = time;
}

const leap = fc.constantFrom(5 * SECOND, 61 * SECOND, HOUR, DAY, 10 * DAY, 31 * DAY, 40 * DAY, YEAR, 10 * YEAR);
const chat = fc.nat(3);
const write = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('say' as const), chat, by: fc.nat(1) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('pin' as const, 'mark' as const, 'rename' as const, 'takeBack' as const), chat }) },
);
const look = fc.record({ do: fc.constant('sync' as const), kind: fc.nat(2) });
const change = fc.oneof(
  { weight: 6, arbitrary: write },
  { weight: 3, arbitrary: look },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.constantFrom(1, 300, SECOND, 70 * SECOND) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('set' as const), ms: fc.constantFrom(-5 * SECOND, -HOUR, -3 * HOUR, 5 * SECOND, HOUR) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('glitch' as const), ms: leap.chain((ms) => fc.constantFrom(ms, -ms)), meanwhile: fc.array(fc.oneof(write, look), { maxLength: 4 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const), ms: fc.constantFrom(0, -5 * SECOND, -HOUR, -DAY) }) },
);
type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;

/** Two people, their four chats, one of them wide, and a copy of the list for each kind of client. */
class Scene {
  anna!: Client;
  boris!: Client;
  chats: number[] = [];
  copies: Copy[] = Object.values(KINDS).map((since) => ({ since, rows: new Map(), time: undefined }));
  names = 0;
  /** Ids of the messages that Anna wrote last, by chat. */
  own = new Map<number, number[]>();

  /** @param wide who else is in the wide chat */
  async set(wide: readonly number[] = crowd): Promise<this> {
    this.anna = await portal.addUser('Anna');
    this.boris = await portal.addUser('Boris');
    const USERS = [this.boris.userId];
    for (let i = 0; i < 3; i += 1) this.chats.push(await this.anna.call('im.chat.add', { TITLE: `Chat ${i}`, USERS }));
    this.chats.push(await this.anna.call('im.chat.add', { TITLE: 'Wide', USERS: [...USERS, ...wide] }));
    for (const copy of this.copies) await sync(this.anna, copy);
    return this;
  }

  async do(step: Change): Promise<void> {
    if (step.do === 'pass') portal.clock.advance(step.ms);
    else if (step.do === 'set') portal.clock.set(step.ms);
    else if (step.do === 'sync') await sync(this.anna, this.copies[step.kind]!);
    else if (step.do === 'glitch') {
      portal.clock.set(step.ms);
      for (const each of step.meanwhile) await this.do(each);
      portal.clock.set(-step.ms);
    } else if (step.do === 'restart') {
      portal.clock.set(step.ms);
      await portal.restart();
      [this.anna, this.boris] = [movedTo(portal, this.anna), movedTo(portal, this.boris)];
    } else await this.#write(step.do, this.chats[step.chat]!, 'by' in step ? step.by : 0);
  }

  async #write(what: string, id: number, by: number): Promise<void> {
    const DIALOG_ID = `chat${id}`;
    const own = this.own.get(id) ?? [];
    if (what === 'say') {
      const message = await say(by === 0 ? this.anna : this.boris, DIALOG_ID);
      if (by === 0) this.own.set(id, [...own, message]);
    } else if (what === 'pin') await this.anna.call('im.recent.pin', { DIALOG_ID });
    else if (what === 'mark') await this.anna.call('im.recent.unread', { DIALOG_ID });
    else if (what === 'rename') await this.anna.call('im.chat.updateTitle', { CHAT_ID: id, TITLE: `Renamed ${(this.names += 1)}` });
    else if (own.length > 0) await this.anna.call('im.message.delete', { MESSAGE_ID: own.pop()! });
  }

  /** The list is in the order of sending, and what each client made of its syncs is the list. */
  async check(): Promise<void> {
    const list = stable(await this.anna.call<Row[]>('im.recent.get'));
    const { items } = stable(await this.anna.call<{ items: Row[] }>('im.recent.list', { LIMIT: 200 }));
    expect(list.map((row) => row.chat_id).sort()).toEqual(this.chats.toSorted());
    expect(items).toEqual(list);
    const sent = list.toSorted((a, b) => Number(b.pinned) - Number(a.pinned) || b.message.id - a.message.id);
    expect(list.map((row) => row.message.id)).toEqual(sent.map((row) => row.message.id));
    for (const [kind, copy] of this.copies.entries()) {
      await sync(this.anna, copy);
      const rows = list.map((row) => copy.rows.get(row.chat_id));
      expect({ kind: Object.keys(KINDS)[kind], rows }).toEqual({ kind: Object.keys(KINDS)[kind], rows: list });
    }
  }
}

test('whatever the clock does between them, changes stay in order and no client that syncs misses one', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 4, maxLength: 30 }), async (steps) => {
      const scene = await new Scene().set();
      for (const step of steps) await scene.do(step);
      await scene.check();
    }),
    { numRuns: runs(15), endOnFailure: true },
  );
}, 300_000);

describe.each([['set back by 5 s', -5 * SECOND], ['set back by 3 h', -3 * HOUR]])('a clock that was never wrong before and is %s', (_what, ms) => {
  /** How each write of one's own row, or of a message, is stamped. */
  const WRITES: Record<string, (scene: Scene, DIALOG_ID: string) => Promise<unknown>> = {
    'a message': ({ boris }, DIALOG_ID) => say(boris, DIALOG_ID),
    'a message edited': ({ anna, own, chats }) => anna.call('im.message.update', { MESSAGE_ID: own.get(chats[0]!)![0], MESSAGE: 'Edited' }),
    'a message taken back': ({ anna, own, chats }) => anna.call('im.message.delete', { MESSAGE_ID: own.get(chats[0]!)![0] }),
    'a chat read': ({ anna }, DIALOG_ID) => anna.call('im.dialog.read', { DIALOG_ID }),
    'everything read': ({ anna }) => anna.call('im.dialog.read.all'),
    'a pin': ({ anna }, DIALOG_ID) => anna.call('im.recent.pin', { DIALOG_ID }),
    'a mark': ({ anna }, DIALOG_ID) => anna.call('im.recent.unread', { DIALOG_ID }),
    'a mute': ({ anna }, DIALOG_ID) => anna.call('im.chat.mute', { CHAT_ID: Number(DIALOG_ID.slice(4)), MUTE: 'Y' }),
    'a title': ({ anna }, DIALOG_ID) => anna.call('im.chat.updateTitle', { CHAT_ID: Number(DIALOG_ID.slice(4)), TITLE: 'Other' }),
  };

  test.each([false, true])('shows each kind of change to every client that syncs; restarted: %s', async (restarts) => {
    await using own = await startTestServer();
    const shared = portal;
    portal = own;
    try {
      const scene = await new Scene().set([]);
      await scene.do({ do: 'say', chat: 0, by: 0 });
      await scene.do({ do: 'say', chat: 0, by: 1 });
      portal.clock.advance(30 * SECOND);
      await scene.anna.call('im.recent.pin', { DIALOG_ID: `chat${scene.chats[1]}` });
      portal.clock.advance(30 * SECOND);
      for (const copy of scene.copies) await sync(scene.anna, copy);
      await scene.do(restarts ? { do: 'restart', ms } : { do: 'set', ms });
      for (const [what, write] of Object.entries(WRITES)) {
        await write(scene, `chat${scene.chats[0]}`);
        const row = stable(await scene.anna.call<Row[]>('im.recent.get')).find(({ chat_id }) => chat_id === scene.chats[0]);
        for (const copy of scene.copies) {
          await sync(scene.anna, copy);
          expect({ what, row: copy.rows.get(scene.chats[0]!) }).toEqual({ what, row });
        }
      }
    } finally {
      portal = shared;
    }
  });
});

describe.each([['set back by 5 s', -5 * SECOND], ['set back by an hour', -HOUR], ['set forward by an hour', HOUR]])('a clock that is %s', (_what, ms) => {
  test.each(Object.keys(KINDS) as Array<keyof typeof KINDS>)('loses nothing to a client that knows %s', async (kind) => {
    for (const restarts of [false, true]) {
      const scene = await new Scene().set();
      const copy: Copy = { since: KINDS[kind], rows: new Map(), time: undefined };
      // What it was told last, it was told long after the last change.
      portal.clock.advance(30 * SECOND);
      await sync(scene.anna, copy);
      await scene.do(restarts ? { do: 'restart', ms } : { do: 'set', ms });
      for (let i = 0; i < 3; i += 1) {
        await scene.do({ do: 'say', chat: i, by: 1 });
        await sync(scene.anna, copy);
        expect([...copy.rows.values()].find((row) => row.chat_id === scene.chats[i])!.counter).toBe(1);
      }
      await scene.check();
    }
  });
});

test('a portal that has kept no mark yet goes on after the newest stamp there is', async () => {
  const scene = await new Scene().set();
  await scene.anna.call('im.recent.pin', { DIALOG_ID: `chat${scene.chats[0]}` });
  const { db } = portal.server.context;
  await db.write(async (s) => {
    await s.query((q) => q.deleteFrom('clock_mark'));
    const statements = clock.up({ identity: '', clustered: '', hot: '', exactText: '', revisions: [], folding: [], jsonNumber: () => '' }).slice(1);
    for (const statement of statements) await s.query((q) => ({ compile: () => sql.raw<object>(statement).compile(q) }));
  });
  const newest = await db.read((s) => s.query((q) => q.selectFrom('member').select('updated_at').orderBy('updated_at', 'desc').limit(1)));
  expect(await db.read(readMark)).toBeGreaterThanOrEqual(newest[0]!.updated_at);
});

test('the time of an answer is one time', async () => {
  const { anna } = await new Scene().set();
  for (const ms of [-HOUR, 5 * SECOND, YEAR, -YEAR]) {
    portal.clock.set(ms);
    const { time } = (await anna.raw('im.recent.get')).body as unknown as Answer;
    expect(Date.parse(time.date_start) / 1000).toBe(Math.floor(time.start));
    expect(Date.parse(time.date_finish) / 1000).toBe(Math.floor(time.finish));
    expect(time.finish - time.start).toBeGreaterThanOrEqual(0);
    expect(time.finish - time.start).toBeLessThan(60);
  }
});

describe('a moment in another year', () => {
  /** A portal whose clock was never wrong. */
  beforeAll(async () => {
    await portal[Symbol.asyncDispose]();
    portal = await startTestServer();
    crowd = await addCrowd(portal, 100);
  });

  /** Something is done while the clock is a year ahead, or behind, and again after. */
  async function glitch(ms: number, meanwhile: () => Promise<unknown>): Promise<void> {
    portal.clock.set(ms);
    await meanwhile();
    portal.clock.set(-ms);
  }

  test.each([YEAR, -YEAR])('leaves no date of that year: %i ms', async (ms) => {
    const scene = await new Scene().set();
    await glitch(ms, () => scene.do({ do: 'say', chat: 0, by: 0 }));
    await scene.do({ do: 'say', chat: 1, by: 0 });
    const rows = await scene.anna.call<Row[]>('im.recent.get');
    for (const { message } of rows) expect(Math.abs(Date.parse(message.date) - portal.clock.now())).toBeLessThan(HOUR);
  });

  test('tokens, also those of that moment, live no longer and no shorter', async () => {
    const app = await addApp(portal);
    const anna = await portal.addUser('Anna');
    const before = await app.tokens(anna.userId);
    let during!: typeof before;
    await glitch(YEAR, async () => {
      during = await app.tokens(anna.userId);
      await clientWith(portal, before.accessToken, anna.userId).call('server.time');
    });
    const secret = { client_id: app.clientId, client_secret: app.clientSecret };
    for (const { accessToken } of [before, during]) await clientWith(portal, accessToken, anna.userId).call('server.time');
    portal.clock.advance(HOUR + SECOND);
    for (const { accessToken } of [before, during]) {
      expect(await clientWith(portal, accessToken, anna.userId).fails('server.time')).toMatchObject({ error: 'expired_token' });
    }
    for (const { refreshToken } of [before, during]) {
      const reply = await askForTokens(portal, { grant_type: 'refresh_token', refresh_token: refreshToken, ...secret });
      expect(reply.status).toBe(200);
    }
  });

  test('a token of a clock that stayed wrong for a while does not outlive it', async () => {
    const app = await addApp(portal);
    const anna = await portal.addUser('Anna');
    portal.clock.set(YEAR);
    await anna.call('server.time');
    portal.clock.advance(61 * SECOND);
    const { accessToken, refreshToken } = await app.tokens(anna.userId);
    await clientWith(portal, accessToken, anna.userId).call('server.time');
    portal.clock.set(-YEAR);
    await anna.call('server.time');
    portal.clock.advance(61 * SECOND);
    expect(await clientWith(portal, accessToken, anna.userId).fails('server.time')).toMatchObject({ error: 'expired_token' });
    const reply = await askForTokens(portal, {
      grant_type: 'refresh_token', refresh_token: refreshToken, client_id: app.clientId, client_secret: app.clientSecret,
    });
    expect(reply.status).toBe(200);
    await clientWith(portal, reply.body['access_token'] as string, anna.userId).call('server.time');
    // What was stamped in that year stays in order with what came after.
    const scene = await new Scene().set();
    await scene.do({ do: 'say', chat: 1, by: 1 });
    await scene.check();
  });

  test('throttles drain, and a refresh may be tried again', async () => {
    const app = await addApp(portal);
    const anna = await portal.addUser('Anna');
    const { refreshToken } = await app.tokens(anna.userId);
    const secret = { client_id: app.clientId, client_secret: app.clientSecret };
    const guess = () => askForTokens(portal, { grant_type: 'refresh_token', refresh_token: 'x', ...secret, client_secret: 'wrong' });
    const refresh = () => askForTokens(portal, { grant_type: 'refresh_token', refresh_token: refreshToken, ...secret });
    await glitch(YEAR, async () => {
      expect((await refresh()).status).toBe(200);
      while ((await guess()).status !== 503);
    });
    expect((await guess()).status).toBe(503);
    portal.clock.advance(11 * SECOND);
    expect((await guess()).status).toBe(400);
    portal.clock.advance(11 * SECOND);
    expect((await refresh()).status).toBe(200);
    portal.clock.advance(31 * SECOND);
    expect((await refresh()).status).toBe(400);
  });
});
