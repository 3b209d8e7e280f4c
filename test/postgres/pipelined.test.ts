/** Statements go to PostgreSQL without waiting for those before: what that saves, and that it changes nothing when something fails. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { done, refused } from '../../src/base/outcome.ts';
import type { Database, Session, WriteSession } from '../../src/db/database.ts';
import { openPostgres } from '../../src/db/engines/postgres.ts';
import { migrations } from '../../src/db/migrations/index.ts';
import { statement } from '../../src/db/statement.ts';
import { nextValue } from '../../src/db/stores/portal-store.ts';
import { dropDatabase, freshDatabase } from '../support/server.ts';

/** Stands between the store and the server. */
class Between {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** Sends others of the same length instead of these. */
  words: readonly [said: string, sent: string] | undefined;
  /** Keeps answers back until this is said. */
  awaited: string | undefined;

  constructor(target: URL) {
    this.#server = createServer((near) => {
      const far = connect(Number(target.port), target.hostname);
      for (const socket of [near, far]) this.#sockets.add(socket.on('error', () => {}).on('close', () => (near.destroy(), far.destroy())));
      const kept: Buffer[] = [];
      near.on('data', (data: Buffer) => {
        if (this.awaited !== undefined && data.includes(this.awaited)) this.awaited = undefined;
        if (this.awaited === undefined) for (const answer of kept.splice(0)) near.write(answer);
        far.write(this.#replaced(data));
      });
      far.on('data', (data: Buffer) => (this.awaited === undefined ? near.write(data) : kept.push(data)));
    });
  }

  async open(): Promise<number> {
    await once(this.#server.listen(0, '127.0.0.1'), 'listening');
    return (this.#server.address() as AddressInfo).port;
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }

  #replaced(data: Buffer): Buffer {
    const at = this.words ? data.indexOf(this.words[0]) : -1;
    return at < 0 ? data : Buffer.concat([data.subarray(0, at), Buffer.from(this.words![1]), data.subarray(at + this.words![0].length)]);
  }
}

const valueOf = statement((q, p: { name: string }) => q.selectFrom('sequence').select('value').where('name', '=', p.name));
const broken = statement((q, p: { name: string }) => q.insertInto('sequence').values({ name: p.name, value: null as never }));

describe('on PostgreSQL', () => {
  let url: string;
  let between: Between;
  let db: Database;

  beforeAll(async () => {
    url = await freshDatabase();
    between = new Between(new URL(url));
    const port = await between.open();
    db = await openPostgres(Object.assign(new URL(url), { port }).href, { onFailure: () => {}, onFault: () => {} });
    await db.migrate(migrations);
  });
  afterAll(async () => {
    await db.close();
    between.close();
    await dropDatabase(url);
  });

  const valueNow = async (name: string) => (await db.all(valueOf, { name }))[0]?.value ?? 0;

  async function tripsOf(work: () => Promise<unknown>): Promise<number> {
    const before = db.roundTrips;
    await work();
    return db.roundTrips - before;
  }

  const look = (s: Session) => s.first(valueOf, { name: 'looked at' });
  const COSTS: ReadonlyArray<readonly [string, number, () => Promise<unknown>]> = [
    ['a statement by itself', 1, () => db.all(valueOf, { name: 'looked at' })],
    ['a read without a statement', 0, () => db.read(async () => 1)],
    ['a read of one statement', 1, () => db.read(look)],
    ['a read of two, one after the other', 2, () => db.read(async (s) => [await look(s), await look(s)])],
    ['a read of three at once', 1, () => db.read((s) => Promise.all([look(s), look(s), look(s)]))],
    ['a write without a statement', 0, () => db.write(async () => done(1))],
    ['a write of one statement, and its commit', 2, () => db.write((s) => nextValue(s, 'written'))],
    ['a write that is refused', 1, () => db.write(async (s) => (await nextValue(s, 'not written'), refused('no')))],
  ];

  test.each(COSTS)('%s costs %i', async (_what, trips, work) => {
    await work();
    expect(await tripsOf(work)).toBe(trips);
  });

  test('the first statement, and all that are asked at once, are sent before anything is answered', async () => {
    const named = (s: Session, name: string) => s.query((q) => q.selectFrom('sequence').select('value').where('name', '=', name));
    await db.read(look);
    between.awaited = 'the third';
    expect(await db.read((s) => Promise.all([named(s, 'the first'), named(s, 'the second'), named(s, 'the third')]))).toEqual([[], [], []]);
    expect(between.awaited).toBeUndefined();
  });

  test('what is refused leaves nothing, also before its rollback is answered', async () => {
    for (let i = 0; i < 20; i++) {
      await db.write(async (s) => (await nextValue(s, 'refused'), refused('no')));
      expect(await valueNow('refused')).toBe(0);
    }
  });

  test('a unit of work whose begin fails has changed nothing and may be tried again', async () => {
    between.words = ['begin read write', 'begin reed write'];
    await expect(db.write((s) => nextValue(s, 'begun'))).rejects.toMatchObject({ name: 'StoreUnavailable', reason: 'away' });
    between.words = undefined;
    expect(await valueNow('begun')).toBe(0);
    await db.write((s) => nextValue(s, 'begun'));
    expect(await valueNow('begun')).toBe(1);
  });

  test('a read whose begin fails gives nothing', async () => {
    between.words = ['begin isolation', 'begin isolatiom'];
    await expect(db.read(look)).rejects.toMatchObject({ reason: 'away' });
    between.words = undefined;
    expect(await db.read(look)).toBeUndefined();
  });

  const FAILURES: ReadonlyArray<readonly [string, (s: WriteSession) => Promise<unknown>]> = [
    ['the first statement', (s) => s.all(broken, { name: 'failed' })],
    ['a later statement', async (s) => (await nextValue(s, 'failed'), s.all(broken, { name: 'x' }))],
    ['one of several at once', (s) => Promise.all([nextValue(s, 'failed'), s.all(broken, { name: 'x' }), nextValue(s, 'failed')])],
    ['a statement whose failure the work does not care about', async (s) => (await nextValue(s, 'failed'), s.all(broken, { name: 'x' }).catch(() => 1))],
    ['the work itself, while statements are under way', async (s) => (void nextValue(s, 'failed').catch(() => {}), Promise.reject(new Error('failed')))],
  ];

  test.each(FAILURES)('%s fails: nothing stays, and the connection goes on', async (_what, work) => {
    for (let i = 0; i < 3; i++) {
      await expect(db.write(work)).rejects.toThrow();
      expect(await valueNow('failed')).toBe(0);
      await db.write((s) => nextValue(s, 'after'));
    }
  });
});
