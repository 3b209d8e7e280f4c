/**
 * Pages of im.recent.list, by date and by OFFSET, on a list that does not stand still, from one server, from two, and across
 * restarts: in doubt a row comes again, it is never lost.
 */
import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Client } from '../support/client.ts';
import { HeldStore } from '../support/held-store.ts';
import { addCrowd, say } from '../support/people.ts';
import { ENGINE, movedTo, startTestServer, type TestServer } from '../support/server.ts';
import { runs } from '../support/runs.ts';

interface Row {
  id: number | string;
  title: string;
  pinned: boolean;
  message: { date: string };
}
interface Page {
  items: Row[];
  hasMore: boolean;
}

/** What a client says to get the page after those it has; of it, the one that it says first. */
const WAYS = {
  date: (rows: readonly Row[]) => ({ LAST_MESSAGE_DATE: rows.at(-1)?.message.date }),
  OFFSET: (_rows: readonly Row[], pages: number, limit: number) => ({ OFFSET: pages * limit }),
};
type Way = keyof typeof WAYS;

const store = new HeldStore();
let portal: TestServer;
/** On the same database, where several nodes may share one. */
let other: TestServer | undefined;
let crowd: number[];

beforeAll(async () => {
  portal = await startTestServer({}, { store: store.wrap });
  if (ENGINE === 'postgres') other = await startTestServer({ databaseUrl: portal.databaseUrl }, { clock: portal.clock });
  crowd = await addCrowd(portal, 100);
});
afterAll(async () => {
  await other?.[Symbol.asyncDispose]();
  await portal[Symbol.asyncDispose]();
});

const any = fc.nat(99);
const move = fc.oneof(
  { weight: 4, arbitrary: fc.record({ what: fc.constantFrom('message' as const, 'pin' as const, 'unpin' as const), row: any }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constantFrom('message in a pinned row' as const, 'message taken back' as const, 'message' as const), row: any }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constantFrom('new chat' as const, 'hide' as const, 'first page of another client' as const, 'same page again' as const), row: any }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constantFrom('another server' as const, 'another server' as const, 'restart' as const), row: any }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('time' as const), row: fc.constantFrom(400, 1000, 5000) }) },
);
type Move = typeof move extends fc.Arbitrary<infer T> ? T : never;

/** Somebody with a dozen chats, one of them wide, and what was written there last. */
class Walker {
  /** As the server knows them that answers now. */
  who: Client;
  readonly ids: Array<number | string> = [];
  readonly last = new Map<number | string, number[]>();
  readonly limit: number;
  readonly way: Way;
  /** What was hidden, and so need not come. */
  readonly hidden = new Set<number | string>();

  constructor(who: Client, limit: number, way: Way) {
    this.who = who;
    this.limit = limit;
    this.way = way;
  }

  static async with(way: Way, gaps: readonly number[], pinned: readonly number[], limit: number): Promise<Walker> {
    const walker = new Walker(await portal.addUser('Walker'), limit, way);
    portal.clock.advance(1000 - (portal.clock.now() % 1000));
    for (const [index, gap] of gaps.entries()) {
      portal.clock.advance(gap);
      await walker.newChat(index === 1 ? crowd : []);
    }
    portal.clock.advance(5000);
    for (const index of pinned) await walker.who.call('im.recent.pin', { DIALOG_ID: walker.at(index) });
    return walker;
  }

  async newChat(USERS: readonly number[] = []): Promise<void> {
    this.ids.push(`chat${await this.who.call<number>('im.chat.add', { TITLE: `Chat ${this.ids.length}`, USERS })}`);
  }

  at(index: number): number | string {
    return this.ids[index % this.ids.length]!;
  }

  page(has: readonly Row[] = [], pages = 0): Promise<Page> {
    return this.who.call<Page>('im.recent.list', { LIMIT: this.limit, ...WAYS[this.way](has, pages, this.limit) });
  }

  async move({ what, row }: Move, again: () => Promise<unknown>): Promise<void> {
    const DIALOG_ID = this.at(row);
    const { who } = this;
    const written = this.last.get(DIALOG_ID) ?? [];
    if (what === 'message') this.last.set(DIALOG_ID, [...written, await say(who, DIALOG_ID)]);
    else if (what === 'message taken back' && written.length > 0) await who.call('im.message.delete', { MESSAGE_ID: written.pop()! });
    else if (what === 'message in a pinned row') {
      const pinned = (await who.call<Page>('im.recent.list', { LIMIT: 200 })).items.filter((item) => item.pinned);
      if (pinned.length > 0) await say(who, pinned[row % pinned.length]!.id);
    } else if (what === 'pin' || what === 'unpin') await who.call('im.recent.pin', { DIALOG_ID, PIN: what === 'pin' ? 'Y' : 'N' });
    else if (what === 'new chat') await this.newChat();
    else if (what === 'hide') {
      await who.call('im.recent.hide', { DIALOG_ID });
      this.hidden.add(DIALOG_ID);
    } else if (what === 'first page of another client') await this.page();
    else if (what === 'same page again') await again();
    else if (what === 'another server' && other) this.who = movedTo(this.isOn(other) ? portal : other, this.who);
    else if (what === 'restart') await this.restart();
    else if (what === 'time') portal.clock.advance(row);
  }

  isOn({ http }: TestServer): boolean {
    return this.who.url.startsWith(`${http}/`);
  }

  async restart(): Promise<void> {
    const server = other && this.isOn(other) ? other : portal;
    await server.restart();
    this.who = movedTo(server, this.who);
  }

  /** Walks the list with moves before each further page; gives the rows as they came. */
  async walk(moves: ReadonlyArray<readonly Move[]>): Promise<Row[]> {
    const rows: Row[] = [];
    for (let number = 0; number < 200; number += 1) {
      if (number > 0) for (const each of moves[number - 1] ?? []) await this.move(each, () => this.page(rows, number));
      const { items, hasMore } = await this.page(rows, number);
      rows.push(...items);
      if (this.way === 'OFFSET') expect(items.length).toBeLessThanOrEqual(this.limit);
      if (!hasMore) return rows;
      expect(items.length).toBeGreaterThanOrEqual(this.limit);
    }
    throw new Error('the walk does not end');
  }
}

const gaps = fc.array(fc.constantFrom(0, 0, 300, 1000, 2500), { minLength: 6, maxLength: 14 });
const pinned = fc.array(any, { maxLength: 4 });
const limit = fc.integer({ min: 1, max: 5 });

describe.each(Object.keys(WAYS) as Way[])('by %s', (way) => {
  test('whatever moves between two pages, every row that stays in the list comes, and the walk ends', async () => {
    await fc.assert(
      fc.asyncProperty(gaps, pinned, limit, fc.array(fc.array(move, { maxLength: 3 }), { maxLength: 8 }), async (dates, pins, LIMIT, moves) => {
        const walker = await Walker.with(way, dates, pins, LIMIT);
        const there = [...walker.ids];
        const came = new Set((await walker.walk(moves)).map((row) => row.id));
        expect(there.filter((id) => !came.has(id) && !walker.hidden.has(id))).toEqual([]);
      }),
      { numRuns: runs(40), endOnFailure: true },
    );
  }, 300_000);

  test('of a list that stands still every row comes once, in order', async () => {
    await fc.assert(
      fc.asyncProperty(gaps, pinned, limit, async (dates, pins, LIMIT) => {
        const walker = await Walker.with(way, dates, pins, LIMIT);
        const { items } = await walker.who.call<Page>('im.recent.list', { LIMIT: 200 });
        for (let time = 0; time < 2; time += 1) expect((await walker.walk([])).map((row) => row.id)).toEqual(items.map((row) => row.id));
      }),
      { numRuns: runs(15) },
    );
  }, 300_000);

  test('two clients of one user who walk at the same time, each at its own pace, both get every row', async () => {
    await fc.assert(
      fc.asyncProperty(gaps, pinned, limit, fc.array(fc.record({ turn: fc.nat(1), moves: fc.array(move, { maxLength: 2 }) }), { maxLength: 12 }), async (dates, pins, LIMIT, turns) => {
        const walker = await Walker.with(way, dates, pins, LIMIT);
        const there = [...walker.ids];
        const clients = [0, 1].map(() => ({ rows: [] as Row[], pages: 0, done: false }));
        const next = async (client: (typeof clients)[number]) => {
          if (client.done) return;
          const { items, hasMore } = await walker.page(client.rows, client.pages);
          client.rows.push(...items);
          client.pages += 1;
          client.done = !hasMore;
        };
        for (const { turn, moves } of turns) {
          await next(clients[turn]!);
          for (const each of moves) await walker.move({ ...each, what: each.what === 'same page again' ? 'message' : each.what } as Move, async () => {});
        }
        for (let page = 0; page < 200; page += 1) for (const client of clients) await next(client);
        for (const { rows, done } of clients) {
          const came = new Set(rows.map((row) => row.id));
          expect({ done, lost: there.filter((id) => !came.has(id) && !walker.hidden.has(id)) }).toEqual({ done: true, lost: [] });
        }
      }),
      { numRuns: runs(20), endOnFailure: true },
    );
  }, 300_000);

  describe('the first page ends among', () => {
    const CHANGES: Record<string, (walker: Walker) => Promise<unknown>> = {
      'a new chat': (walker) => walker.newChat(),
      'a pin': ({ who, ids }) => who.call('im.recent.pin', { DIALOG_ID: ids[1] }),
      'an unpin of its last row': ({ who, ids }) => who.call('im.recent.pin', { DIALOG_ID: ids[6], PIN: 'N' }),
      'an unpin of its first row': ({ who, ids }) => who.call('im.recent.pin', { DIALOG_ID: ids[8], PIN: 'N' }),
      'a message in its last row': ({ who, ids }) => say(who, ids[6]!),
      'a message in a pinned row': ({ who, ids }) => say(who, ids[5]!),
      'an older row that comes up': ({ who, ids }) => say(who, ids[0]!),
    };

    /** Ten chats; 8, 7, 6 and 5 are pinned. Pages of three end at row 6, of five at row 9, of six at row 4. */
    test.each(Object.keys(CHANGES).flatMap((what) => [3, 5, 6].flatMap((LIMIT) => [0, 1000].map((gap) => ({ what, LIMIT, gap })))))(
      '$LIMIT rows, $gap ms apart, and then comes $what', async ({ what, LIMIT, gap }) => {
        const walker = await Walker.with(way, Array(10).fill(gap) as number[], [5, 6, 7, 8], LIMIT);
        const there = [...walker.ids];
        const rows = [...(await walker.page()).items];
        await CHANGES[what]!(walker);
        for (let more = true, pages = 1; more; pages += 1) {
          const { items, hasMore } = await walker.page(rows, pages);
          rows.push(...items);
          more = hasMore;
        }
        expect(there.filter((id) => !rows.some((row) => row.id === id))).toEqual([]);
      },
    );
  });

  test.each(['another server', 'restart'] as const)('of a list that stands still every row comes once, in order, with %s between the pages', async (what) => {
    for (const [LIMIT, gap] of [[3, 0], [3, 1000], [5, 0], [5, 1000], [6, 300]] as const) {
      const walker = await Walker.with(way, Array(10).fill(gap) as number[], [5, 6, 7, 8], LIMIT);
      const { items } = await walker.who.call<Page>('im.recent.list', { LIMIT: 200 });
      const came = await walker.walk(Array(5).fill([{ what, row: 0 }]) as Move[][]);
      expect(came.map((row) => row.id)).toEqual(items.map((row) => row.id));
    }
  });

  test('a page of which nothing is known any longer goes on by the date or the number alone', async () => {
    for (const [LIMIT, gap] of [[3, 0], [3, 1000], [5, 0], [5, 1000], [6, 300]] as const) {
      const walker = await Walker.with(way, Array(10).fill(gap) as number[], [5, 6, 7, 8], LIMIT);
      const rows = [...(await walker.page()).items];
      await portal.server.context.db.write((s) => s.query((q) => q.deleteFrom('walked_page')));
      for (let more = true, pages = 1; more; pages += 1) {
        const { items, hasMore } = await walker.page(rows, pages);
        rows.push(...items);
        more = hasMore;
      }
      expect(walker.ids.filter((id) => !rows.some((row) => row.id === id))).toEqual([]);
    }
  });

  test('a page that is not noted yet is waited for: by its answer where other nodes may be asked, else by whoever asks on', async () => {
    const walker = await Walker.with(way, Array(10).fill(1000) as number[], [], 3);
    const held = store.hold(/insert into "walked_page"/);
    let answered = false;
    const first = walker.page().finally(() => (answered = true));
    const next = async () => walker.page((await first).items, 1);
    await held.reached;
    let second: Promise<Page> | undefined;
    try {
      if (ENGINE === 'sqlite') await first;
      const before = store.sent.length;
      if (answered) second = next();
      for (let call = 0; call < 5; call += 1) await walker.who.call('profile');
      expect({ answered, asked: store.sent.slice(before).some((text) => /from "walked_page"/.test(text)) }).toEqual({ answered: ENGINE === 'sqlite', asked: false });
    } finally {
      held.release();
    }
    await walker.who.call('im.recent.hide', { DIALOG_ID: walker.at(9) });
    const rows = [...(await first).items, ...(await (second ?? next())).items];
    expect(rows.map((row) => row.id)).toEqual([9, 8, 7, 6, 5, 4].map((index) => walker.at(index)));
  });

  test('a page that cannot be noted is given all the same', async () => {
    const walker = await Walker.with(way, Array(10).fill(1000) as number[], [], 3);
    const run = (text: string) => portal.server.context.db.write((s) => s.query((q) => ({ compile: () => sql.raw(text).compile(q) })));
    await run('alter table walked_page rename to elsewhere');
    const { items } = await walker.page();
    await run('alter table elsewhere rename to walked_page');
    expect(items).toHaveLength(3);
  });
});
