/** What changes by time alone is written when its time comes, once, and every kind of client that syncs is told. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DueWriter } from '../../src/messenger/due.ts';
import { createMessenger } from '../../src/messenger/messenger.ts';
import { updateUser } from '../../src/db/stores/user-store.ts';
import type { Client } from '../support/client.ts';
import { HeldWrites } from '../support/held-writes.ts';
import { rowOf, say } from '../support/people.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

interface Row {
  id: number | string;
  chat_id: number;
  has_reminder: boolean;
  date_update: string;
  user: { absent: string | false };
}
interface Scene {
  anna: Client;
  boris: Client;
  message: number;
}

const writes = new HeldWrites();
let portal: TestServer;

beforeAll(async () => {
  portal = await startTestServer({}, { store: writes.wrap });
});
afterAll(() => portal[Symbol.asyncDispose]());

const SECOND = 1000;
const HOUR = 3600 * SECOND;
const at = (ms: number) => new Date(portal.clock.now() + ms).toISOString();

async function setScene(): Promise<Scene> {
  const [anna, boris] = [await portal.addUser('Anna'), await portal.addUser('Boris')];
  const message = await say(boris, anna.userId);
  return { anna, boris, message };
}

/** What is set to change in a minute, and how Anna's row of Boris shows that it has. */
const CHANGES: Record<string, { set: (scene: Scene) => Promise<unknown>; shown: (row: Row) => boolean }> = {
  'a reminder comes due': {
    set: ({ anna, message }) => anna.call('tidemark.reminder.add', { MESSAGE_ID: message, DATE: at(60 * SECOND) }),
    shown: (row) => row.has_reminder,
  },
  'an absence ends': {
    set: ({ boris }) => portal.server.context.db.write((s) => updateUser(s, boris.userId, { absent_until: portal.clock.now() + 60 * SECOND })),
    shown: (row) => row.user.absent === false,
  },
};

/** How clients sync: what they ask with first, and then again and again. */
interface Sync {
  first: (anna: Client) => Promise<unknown>;
  next: (anna: Client, known: unknown) => Promise<Row[]>;
}
interface Dated {
  result: Row[];
  time: { date_start: string };
}
const dated = async (anna: Client, params = {}) => (await anna.raw('im.recent.get', params)).body as unknown as Dated;
const SYNCS: Record<string, Sync> = {
  'the whole list': { first: (anna) => dated(anna), next: (anna) => anna.call<Row[]>('im.recent.get') },
  'the start of the last call': {
    first: (anna) => dated(anna),
    next: async (anna, known) => (await dated(anna, { LAST_SYNC_DATE: (known as Dated).time.date_start })).result,
  },
  'the newest change it has': {
    first: (anna) => dated(anna),
    next: async (anna, known) => (await dated(anna, { LAST_UPDATE: (known as Dated).result[0]!.date_update })).result,
  },
  'a token': {
    first: (anna) => anna.call('tidemark.recent.changes'),
    next: async (anna, known) => (await anna.call<{ items: Row[] }>('tidemark.recent.changes', { TOKEN: (known as { token: string }).token })).items,
  },
};

describe.each(Object.entries(CHANGES))('%s', (_what, { set, shown }) => {
  const rowIn = (rows: Row[], { boris }: Scene) => rows.find((row) => row.id === boris.userId);

  test.each(Object.entries(SYNCS))('is told to a client that asks for %s', async (_kind, { first, next }) => {
    const scene = await setScene();
    await set(scene);
    portal.clock.advance(5 * SECOND);
    const known = await first(scene.anna);
    portal.clock.advance(54 * SECOND);
    const early = rowIn(await next(scene.anna, known), scene);
    expect(early && shown(early)).not.toBe(true);
    portal.clock.advance(2 * SECOND);
    expect(shown(rowIn(await next(scene.anna, known), scene)!)).toBe(true);
  });

  test('stays so when the clock is set back', async () => {
    const scene = await setScene();
    await set(scene);
    portal.clock.advance(61 * SECOND);
    expect(shown((await rowOf(scene.anna, scene.boris.userId)) as unknown as Row)).toBe(true);
    portal.clock.set(-HOUR);
    expect(shown((await rowOf(scene.anna, scene.boris.userId)) as unknown as Row)).toBe(true);
    portal.clock.set(HOUR);
  });

  test('is written by one of many that look, once', async () => {
    const scene = await setScene();
    await set(scene);
    const { db } = portal.server.context;
    const others = [1, 2, 3].map(() => new DueWriter(createMessenger(db, portal.clock), (fault) => { throw fault; }));
    portal.clock.advance(61 * SECOND);
    const [before] = await db.read((s) => s.query((q) => q.selectFrom('journal').select((eb) => eb.fn.max('rev').as('rev'))));
    await Promise.all([...others.map((other) => other.pending()), scene.anna.call('im.recent.get')]);
    const entries = await db.read((s) => s.query((q) => q.selectFrom('journal').select('what').where('rev', '>', before!.rev)
      .where((eb) => eb.or([eb('user_id', '=', scene.anna.userId), eb('subject_id', '=', scene.boris.userId)]))));
    expect(entries.filter(({ what }) => what === 'member.changed' || what === 'user.changed')).toHaveLength(1);
    for (const other of others) await other.close();
  });

  test('an answer waits for it to be written, and shows nothing that is not', async () => {
    const scene = await setScene();
    await set(scene);
    await scene.anna.call('im.recent.get');
    portal.clock.advance(61 * SECOND);
    const held = writes.hold();
    const answer = scene.anna.call<Row[]>('im.recent.get');
    await held.reached;
    const stored = await portal.server.context.db.read((s) => s.query((q) => q.selectFrom('user').select('absent_until').where('id', '=', scene.boris.userId)));
    const open = await portal.server.context.db.read((s) => s.query((q) => q.selectFrom('reminder').select('due').where('user_id', '=', scene.anna.userId)));
    expect(stored[0]!.absent_until > 0 || open[0]!.due === 0).toBe(true);
    held.release();
    expect(shown(rowIn(await answer, scene)!)).toBe(true);
  });
});

test('many that come due at once are all written', async () => {
  const { anna, message } = await setScene();
  const ids: number[] = [];
  for (let i = 0; i < 450; i += 1) ids.push((await portal.server.context.db.write((s) => s.query((q) => q.insertInto('reminder').values({
    user_id: anna.userId, chat_id: 1, message_id: message, remind_at: portal.clock.now() + 60 * SECOND, done_at: 0, due: 0,
  }).returning('id'))))[0]!.id);
  await anna.call('tidemark.reminder.add', { MESSAGE_ID: message, DATE: at(30 * SECOND) });
  portal.clock.advance(61 * SECOND);
  await anna.call('im.recent.get');
  const open = await portal.server.context.db.read((s) => s.query((q) => q.selectFrom('reminder').select('id').where('due', '=', 0).where('id', 'in', ids)));
  expect(open).toEqual([]);
});
