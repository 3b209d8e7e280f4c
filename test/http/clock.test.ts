/** A machine's clock that is set back, leaps, stands still or is wrong at a start: order, sync and expiry go on. */
import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clock } from '../../src/db/migrations/0003-clock.ts';
import { readMark } from '../../src/db/stores/portal-store.ts';
import { type Answer, type Copy, HOUR, KINDS, SECOND, Scene, YEAR, change, sync } from '../support/clock-scene.ts';
import { addCrowd, type Row, say, stable } from '../support/people.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { runs } from '../support/runs.ts';

let portal: TestServer;
let crowd: number[];

beforeAll(async () => {
  portal = await startTestServer();
  crowd = await addCrowd(portal, 100);
});
afterAll(() => portal[Symbol.asyncDispose]());

test('whatever the clock does between them, changes stay in order and no client that syncs misses one', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 4, maxLength: 30 }), async (steps) => {
      const scene = await new Scene(portal).set(crowd);
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
      const scene = await new Scene(portal).set([]);
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
      const scene = await new Scene(portal).set(crowd);
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
  const scene = await new Scene(portal).set(crowd);
  await scene.anna.call('im.recent.pin', { DIALOG_ID: `chat${scene.chats[0]}` });
  const { db } = portal.server.context;
  await db.write(async (s) => {
    await s.query((q) => q.deleteFrom('clock_mark'));
    const statements = clock.up({ identity: '', clustered: '', hot: '', exactText: '', revisions: [], folding: [], longDetails: [], texts: [], jsonNumber: () => '' }).slice(1);
    for (const statement of statements) await s.query((q) => ({ compile: () => sql.raw<object>(statement).compile(q) }));
  });
  const newest = await db.read((s) => s.query((q) => q.selectFrom('member').select('updated_at').orderBy('updated_at', 'desc').limit(1)));
  expect(await db.read(readMark)).toBeGreaterThanOrEqual(newest[0]!.updated_at);
});

test('the time of an answer is one time', async () => {
  const { anna } = await new Scene(portal).set(crowd);
  for (const ms of [-HOUR, 5 * SECOND, YEAR, -YEAR]) {
    portal.clock.set(ms);
    const { time } = (await anna.raw('im.recent.get')).body as unknown as Answer;
    expect(Date.parse(time.date_start) / 1000).toBe(Math.floor(time.start));
    expect(Date.parse(time.date_finish) / 1000).toBe(Math.floor(time.finish));
    expect(time.finish - time.start).toBeGreaterThanOrEqual(0);
    expect(time.finish - time.start).toBeLessThan(60);
  }
});
