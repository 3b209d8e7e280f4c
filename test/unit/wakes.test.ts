/** Wakes between nodes over lines that the test holds in its hands: nothing lost while nodes are apart, nothing said too often. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Changes } from '../../src/db/changes.ts';
import type { Line, OpenLine } from '../../src/db/wakes/channel.ts';
import { decodeWake, encodeWake, mergeWakes, type Wake, WAKE_ALL, wakeOf } from '../../src/db/wakes/wake.ts';
import { Wakes } from '../../src/db/wakes/wakes.ts';

/** What nodes are connected to. It may be away, refuse to send, or lose all connections. */
class Exchange {
  readonly texts: string[] = [];
  readonly #ears = new Map<(text: string) => void, () => void>();
  opened = 0;
  away = false;
  deaf = false;
  refused = 0;

  readonly open: OpenLine = async (onText): Promise<Line> => {
    if (this.away) throw new Error('away');
    this.opened += 1;
    const { promise: lost, resolve } = Promise.withResolvers<void>();
    this.#ears.set(onText, resolve);
    return {
      send: async (text) => {
        if (this.deaf) {
          this.refused += 1;
          throw new Error('deaf');
        }
        this.texts.push(text);
        for (const ear of this.#ears.keys()) ear(text);
      },
      check: async () => {},
      lost,
      close: async () => void this.#ears.delete(onText),
    };
  };

  cut(): void {
    for (const lose of this.#ears.values()) lose();
  }
}

interface Node extends AsyncDisposable {
  wakes: Wakes;
  heard: Wake[];
}

function nodeAt(exchange?: Exchange, onFault?: (fault: unknown) => void): Node {
  const wakes = new Wakes({ ...(onFault && { onFault }) });
  const heard: Wake[] = [];
  wakes.subscribe((wake) => heard.push(wake));
  if (exchange) wakes.join(exchange.open);
  return { wakes, heard, [Symbol.asyncDispose]: () => wakes.close() };
}

const wake = (...users: number[]): Wake => ({ users, chats: [], all: false });
const connected = (...nodes: Node[]) => expect.poll(() => nodes.every(({ wakes }) => wakes.connected)).toBe(true);
const usersIn = (heard: readonly Wake[]) => new Set(heard.flatMap(({ users }) => users));

test('without others, whoever waits here is woken at once', async () => {
  await using node = nodeAt();
  node.wakes.publish(wake(7));
  expect(node.heard).toEqual([wake(7)]);
});

test('a listener that fails, or has ended, concerns nobody else', async () => {
  const faults: unknown[] = [];
  const wakes = new Wakes({ onFault: (fault) => faults.push(fault) });
  const heard: string[] = [];
  wakes.subscribe(() => {
    throw new Error('wrong');
  });
  const end = wakes.subscribe(() => heard.push('first'));
  wakes.subscribe(() => heard.push('second'));
  wakes.publish(wake(1));
  end();
  wakes.publish(wake(1));
  expect({ heard, faults: faults.length }).toEqual({ heard: ['first', 'second', 'second'], faults: 2 });
});

test('others hear it, the node itself only once', async () => {
  const exchange = new Exchange();
  await using a = nodeAt(exchange);
  await using b = nodeAt(exchange);
  await connected(a, b);
  for (const { heard } of [a, b]) heard.length = 0;
  a.wakes.publish(wake(7));
  await expect.poll(() => b.heard).toEqual([wake(7)]);
  expect(a.heard).toEqual([wake(7)]);
});

test('whatever is published at once is told to the others together', async () => {
  const exchange = new Exchange();
  await using a = nodeAt(exchange);
  await using b = nodeAt(exchange);
  await connected(a, b);
  for (let user = 1; user <= 500; user += 1) a.wakes.publish(wake(user));
  await expect.poll(() => usersIn(b.heard).size).toBe(500);
  expect(exchange.texts).toHaveLength(1);
});

test('after each connection all are woken', async () => {
  const exchange = new Exchange();
  await using a = nodeAt(exchange);
  await connected(a);
  expect(a.heard).toEqual([WAKE_ALL]);
  exchange.cut();
  await expect.poll(() => exchange.opened).toBe(2);
  await expect.poll(() => a.heard).toEqual([WAKE_ALL, WAKE_ALL]);
});

test('what happens while a node is cut off, or nothing can be sent, is told afterwards', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom('publish', 'cut', 'deaf', 'hear', 'away', 'back'), { maxLength: 25 }), async (steps) => {
      const exchange = new Exchange();
      await using a = nodeAt(exchange);
      await using b = nodeAt(exchange);
      /** How much the other had heard when each was published. */
      const published: number[] = [];
      const publish = () => a.wakes.publish(wake(published.push(b.heard.length) - 1));
      for (const step of steps) {
        if (step === 'publish') publish();
        else if (step === 'cut') exchange.cut();
        else if (step === 'deaf' || step === 'hear') exchange.deaf = step === 'deaf';
        else exchange.away = step === 'away';
        await new Promise((resolve) => setImmediate(resolve));
      }
      exchange.deaf = exchange.away = false;
      publish();
      const unknown = () => published.filter((from, user) => !b.heard.slice(from).some(({ all, users }) => all || users.includes(user)));
      await expect.poll(() => unknown().length, { timeout: 10_000, interval: 5 }).toBe(0);
    }),
    { numRuns: 20 },
  );
});

test('what could not be sent is sent after the next connection, to those who were connected all the time', async () => {
  const exchange = new Exchange();
  await using a = nodeAt(exchange);
  await using b = nodeAt(exchange);
  await connected(a, b);
  b.heard.length = 0;
  exchange.deaf = true;
  a.wakes.publish(wake(7));
  await expect.poll(() => exchange.refused).toBeGreaterThan(0);
  exchange.deaf = false;
  a.wakes.publish(wake(8));
  await expect.poll(() => usersIn(b.heard)).toEqual(new Set([7, 8]));
  expect(b.heard.some(({ all }) => all)).toBe(false);
});

test('at a stop what is not told yet is told', async () => {
  const exchange = new Exchange();
  const a = nodeAt(exchange);
  await using b = nodeAt(exchange);
  await connected(a, b);
  a.wakes.publish(wake(7));
  await a.wakes.close();
  expect(usersIn(b.heard)).toEqual(new Set([7]));
});

const ids = fc.array(fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), { maxLength: 1200 });
const anyWake = fc.record({ users: ids, chats: ids, all: fc.constant(false) });

test('a text holds the wake or wakes all, and is never longer than PostgreSQL takes', () => {
  fc.assert(
    fc.property(anyWake, anyWake, (a, b) => {
      const merged = mergeWakes(mergeWakes(undefined, a), b);
      if (!merged.all) {
        expect([new Set(merged.users), new Set(merged.chats)]).toEqual([new Set([...a.users, ...b.users]), new Set([...a.chats, ...b.chats])]);
      }
      const text = encodeWake('0123456789abcdef', merged);
      expect(Buffer.byteLength(text)).toBeLessThan(8000);
      const { sender, wake: read } = decodeWake(text);
      expect(sender).toBe('0123456789abcdef');
      expect(read.all ? 'all' : read).toEqual(read.all ? 'all' : merged);
    }),
  );
});

test.each(['', 'null', '[]', '{"sender":1}', '{"users":"1","chats":[],"all":false}', '{"users":[1.5],"chats":[],"all":false}', 'x'])(
  'a text that nobody can read (%j) wakes all',
  (text) => expect(decodeWake(text)).toEqual({ sender: '', wake: WAKE_ALL }),
);

function woken(change: (changes: Changes) => void): Wake | undefined {
  const changes = new Changes();
  change(changes);
  return wakeOf(changes);
}

test('every kind of change that anybody waits for wakes those whom it concerns', () => {
  expect(woken(() => {})).toBeUndefined();
  expect(woken((c) => (c.deliveries = true))).toBeUndefined();
  expect(woken((c) => c.chat(3))).toEqual({ users: [], chats: [3], all: false });
  expect(woken((c) => c.note({ what: 'message.added', chatId: 3, subjectId: 9 }))).toEqual({ users: [], chats: [3], all: false });
  expect(woken((c) => c.member(7, 3))).toEqual({ users: [7], chats: [], all: false });
  expect(woken((c) => c.users.add(7))).toEqual({ users: [7], chats: [], all: false });
  for (const what of ['notice.added', 'notice.changed', 'notice.deleted'] as const) expect(woken((c) => c.note({ what, userId: 7, subjectId: 9 }))).toEqual({ users: [7], chats: [], all: false });
  expect(woken((c) => c.note({ what: 'app.event', detail: '{}' }))).toEqual({ users: [], chats: [], all: false });
  for (const change of [(c: Changes) => (c.everything = true), (c: Changes) => c.user(7, false), (c: Changes) => c.note({ what: 'credentials' }), (c: Changes) => c.note({ what: 'settings' })]) {
    expect(woken(change)).toEqual(WAKE_ALL);
  }
});
