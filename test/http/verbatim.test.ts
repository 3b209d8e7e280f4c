/** Requests that come word for word again on one connection are answered before they are parsed: however packets are cut, each request gets its own answer. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { writeSetting } from '../../src/db/stores/portal-store.ts';
import { type Move, moveClock } from '../../src/portal/moving-clock.ts';
import { POLICY_KEYS } from '../../src/portal/policy.ts';
import { WebSocket } from 'ws';
import type { Client } from '../support/client.ts';
import { say } from '../support/people.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let portal: TestServer;
let anna: Client;
let boris: Client;
let chat: number;

beforeAll(async () => {
  portal = await startTestServer();
  anna = await portal.addUser('Anna');
  boris = await portal.addUser('Boris');
  chat = await anna.call<number>('im.chat.add', { TITLE: 'Both', USERS: [boris.userId] });
  await say(boris, `chat${chat}`);
  // Everybody is known to be there, so that lists stay as they are.
  for (const client of [anna, boris]) await client.call('profile');
  await vi.waitFor(async () => {
    for (const client of [anna, boris]) expect(JSON.stringify(await client.call('im.recent.get'))).not.toContain('"last_activity_date":false');
  }, 5000);
});
afterAll(() => portal[Symbol.asyncDispose]());

const verbatim = () => portal.server.context.dispatch.repeats.verbatim;
const get = (client: Client, method: string, fields = '') => `GET ${new URL(client.url).pathname}${method} HTTP/1.1\r\nHost: localhost\r\n${fields}\r\n`;
const post = (client: Client, method: string, body: string, fields = '') =>
  `POST ${new URL(client.url).pathname}${method} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n${fields}\r\n${body}`;

interface Answer {
  status: number;
  head: string;
  body: string;
}

/** A connection that reads answers one after the other. */
class Wire implements Disposable {
  readonly socket: Socket;
  #received = Buffer.alloc(0);
  #wake = (): void => {};

  constructor(socket: Socket) {
    this.socket = socket.setNoDelay().on('error', () => {}).on('close', () => this.#wake());
    socket.on('data', (packet) => {
      this.#received = Buffer.concat([this.#received, packet as Buffer]);
      this.#wake();
    });
  }

  static open(): Wire {
    return new Wire(connect(Number(new URL(portal.http).port), '127.0.0.1'));
  }

  /** In packets of its own, as far as a sender can tell. */
  async send(...packets: string[]): Promise<void> {
    for (const packet of packets) {
      this.socket.write(packet, 'latin1');
      await sleep(2);
    }
  }

  async answer(): Promise<Answer> {
    for (;;) {
      const end = this.#received.indexOf('\r\n\r\n');
      const head = this.#received.toString('latin1', 0, Math.max(0, end));
      const length = end + 4 + Number(/^content-length: (\d+)$/im.exec(head)?.[1] ?? 0);
      if (end >= 0 && this.#received.length >= length) {
        const body = this.#received.toString('utf8', end + 4, length);
        this.#received = this.#received.subarray(length);
        return { status: Number(head.split(' ')[1]), head, body };
      }
      if (this.socket.closed) throw new Error(`closed after ${head}`);
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  async ask(request: string): Promise<Answer> {
    await this.send(request);
    return this.answer();
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }
}

/** All but what differs between any two answers. */
function essence({ status, head, body }: Answer): unknown {
  const fields = head.replace(/^(Date|content-length|x-tidemark-token): .*$/gm, '$1');
  return { status, fields, body: body.replace(/"time":\{[^}]*\}/, '') };
}

async function answerAlone(request: string): Promise<unknown> {
  using wire = Wire.open();
  return essence(await wire.ask(request));
}

test('the same again is known by its bytes before long, and its answers are as before to the last byte', async () => {
  const tag = /^etag: (.*)$/m.exec((await Wire.open().ask(get(anna, 'im.recent.get'))).head)![1]!;
  const requests = [
    get(anna, 'im.recent.get'), get(anna, 'im.recent.get', `If-None-Match: ${tag}\r\n`), get(anna, 'im.recent.list'), post(anna, 'im.recent.get', '{"SKIP_CHAT":"N"}'),
    get(anna, 'im.recent.get', 'Accept-Encoding: gzip\r\n'), post(anna, 'im.recent.list', '{}'),
  ];
  for (const request of requests) {
    using wire = Wire.open();
    const answers: unknown[] = [];
    const known: number[] = [];
    // Whatever is committed beside it is looked for anew.
    for (let i = 0; i < 6 || (i < 40 && known.slice(-2).includes(0)); i++) {
      const before = verbatim();
      const answer = await wire.ask(request);
      answers.push(essence({ ...answer, body: request.includes('gzip') ? '' : answer.body }));
      known.push(verbatim() - before);
    }
    expect(answers.slice(1)).toEqual(answers.slice(1).map(() => answers[0]));
    expect(known.slice(-2)).toEqual([1, 1]);
  }
});

test('over TLS, too', async () => {
  const { hostname, port } = new URL(portal.https);
  using wire = new Wire(connectTls({ host: hostname, port: Number(port), rejectUnauthorized: false }));
  const before = verbatim();
  const answers: unknown[] = [];
  for (let i = 0; i < 6; i++) answers.push(essence(await wire.ask(get(anna, 'im.recent.get'))));
  expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
  expect(verbatim() - before).toBeGreaterThan(1);
});

test('however packets are cut and whatever stands between: every request gets its own answer, in order', async () => {
  const list = (client: Client) => get(client, 'im.recent.get');
  const kinds: string[] = [
    list(anna), list(anna), list(anna), list(boris), post(anna, 'im.recent.get', '{}'), get(anna, 'profile'), get(anna, 'no.such.method'),
    // What ends with the bytes of another request, in its body or in the value of a field.
    post(anna, 'im.recent.get', list(boris)), list(anna).replace(/Host.*/s, `X-Trick: ${list(boris)}`),
    // One head, many bodies, of which some hold other requests.
    ...[{ DIALOG_ID: `chat${chat}` }, { DIALOG_ID: 'chat77' }, {}, { DIALOG_ID: `chat${chat}`, PAD: 'x'.repeat(300) }].map((params) => post(anna, 'im.dialog.get', JSON.stringify(params))),
    post(anna, 'im.dialog.get', `{"DIALOG_ID":"chat${chat}"}   `), post(anna, 'im.dialog.get', list(boris)), post(anna, 'im.dialog.get', ''),
  ];
  const part = (kind: number, cut: string, times: number) => ({ kind, cut, at: 0, times });
  const tricks = [7, 8].map((kind): [ReturnType<typeof part>[]] => [[part(kind, 'at the trick', 5), part(3, 'whole', 5)]]);
  const joined: [ReturnType<typeof part>[]] = [Array.from({ length: 12 }, (_, i) => part(4, i % 2 === 0 ? 'joined' : 'whole', 1))];
  const alone = new Map<string, unknown>();
  for (const kind of kinds) alone.set(kind, await answerAlone(kind));
  const cuts = fc.constantFrom('whole', 'whole', 'whole', 'at the trick', 'somewhere', 'joined');
  const before = verbatim();
  await fc.assert(fc.asyncProperty(fc.array(fc.record({ kind: fc.nat(kinds.length - 1), cut: cuts, at: fc.nat(500), times: fc.integer({ min: 1, max: 5 }) }), { maxLength: 6 }), async (script) => {
    using wire = Wire.open();
    const asked = script.flatMap(({ kind, times }) => Array.from({ length: times }, () => kinds[kind]!));
    await wire.send(...packetsOf(script.flatMap(({ kind, cut, at, times }) => Array.from({ length: times }, () => ({ request: kinds[kind]!, cut, at })))));
    for (const request of asked) expect(essence(await wire.answer())).toEqual(alone.get(request));
  }), { numRuns: 60, examples: [...tricks, joined] });
  expect(verbatim() - before).toBeGreaterThan(5);
}, 120_000);

function packetsOf(requests: ReadonlyArray<{ request: string; cut: string; at: number }>): string[] {
  const packets: string[] = [];
  let begun = '';
  for (const { request, cut, at } of requests) {
    const text = begun + request;
    begun = '';
    const place = cut === 'at the trick' ? text.lastIndexOf('GET /') : at % text.length;
    if (cut === 'joined') begun = text;
    else if (cut === 'whole' || place <= 0) packets.push(text);
    else packets.push(text.slice(0, place), text.slice(place));
  }
  return begun === '' ? packets : [...packets, begun];
}

async function move(how: Move): Promise<void> {
  const { db, clock, messenger } = portal.server.context;
  await db.write(async (s) => {
    await writeSetting(s, 'movable_clock', '1');
    await moveClock(s, clock.real, how);
  });
  await messenger.settings();
}

test('messages with one head are sent as they are written, once each and in order, also where their lengths differ', async () => {
  const dora = await portal.addUser('Dora');
  const dialog = await dora.call<number>('im.chat.add', { TITLE: 'Alone' });
  using wire = Wire.open();
  const texts = Array.from({ length: 30 }, (_, i) => `Text ${i}${'ю€'.repeat((i * 7) % 40)}`);
  const before = verbatim();
  for (const MESSAGE of texts) {
    const body = Buffer.from(JSON.stringify({ DIALOG_ID: `chat${dialog}`, MESSAGE })).toString('latin1');
    expect(await wire.ask(post(dora, 'im.message.add', body))).toMatchObject({ status: 200, body: expect.stringMatching(/^\{"result":\d+,/) });
  }
  expect(verbatim() - before).toBeGreaterThan(20);
  const { messages } = await dora.call<{ messages: Array<{ text: string; author_id: number }> }>('im.dialog.messages.get', { DIALOG_ID: `chat${dialog}`, LIMIT: 50 });
  expect(messages.filter(({ author_id: author }) => author === dora.userId).map(({ text }) => text).reverse()).toEqual(texts);
});

test('what decides the answer is looked at each time: a message, another time, a webhook that is no more', async () => {
  const carl = await portal.addUser('Carl');
  using wire = Wire.open();
  const request = get(carl, 'im.recent.get');
  const settle = async () => {
    await vi.waitFor(async () => {
      for (let i = 0; i < 4; i++) await wire.ask(request);
      const before = verbatim();
      await wire.ask(request);
      expect(verbatim()).toBe(before + 1);
    }, 10_000);
  };
  const bodyNow = async () => JSON.parse((await wire.ask(request)).body) as { result: Array<{ id: unknown }> };
  await settle();
  await say(boris, carl.userId);
  expect((await bodyNow()).result.map(({ id }) => id)).toEqual([boris.userId]);
  await settle();
  await move({ advance: 3_600_000 });
  for (let i = 0; i < 6; i++) expect((await wire.ask(request)).head).toMatch(/^x-tidemark-clock: \+3600$/m);
  await move('release');
  await settle();
  await portal.server.context.db.write((s) => writeSetting(s, POLICY_KEYS.closed, '1'));
  expect((await wire.ask(request)).status).not.toBe(200);
  await portal.server.context.db.write((s) => writeSetting(s, POLICY_KEYS.closed, '0'));
  await settle();
  await portal.admin.call('user.update', { ID: carl.userId, ACTIVE: 'N' });
  expect((await wire.ask(request)).status).toBe(401);
});

/** A connection on which the list is known by its bytes. */
async function settled(client: Client, server = portal): Promise<Wire> {
  const wire = new Wire(connect(Number(new URL(server.http).port), '127.0.0.1'));
  for (let i = 0; i < 4; i++) await wire.ask(get(client, 'im.recent.get'));
  return wire;
}

test('such a connection may go on in another protocol', async () => {
  using wire = await settled(anna);
  wire.socket.removeAllListeners('data');
  const socket = new WebSocket(`${anna.url.replace(/^http/, 'ws')}push/socket`, { createConnection: () => wire.socket, perMessageDeflate: false });
  const [first] = (await once(socket, 'message')) as [Buffer];
  expect(JSON.parse(String(first))).toHaveProperty('event');
  socket.ping('still there');
  expect(String((await once(socket, 'pong'))[0])).toBe('still there');
  socket.terminate();
});

test('what is no HTTP any more is refused as ever', async () => {
  using wire = await settled(anna);
  expect(await wire.ask('NONSENSE\r\n\r\n')).toMatchObject({ status: 400 });
  await vi.waitFor(() => expect(wire.socket.closed).toBe(true));
});

test('whoever does not read gets no more answers made, and all of them once they read', async () => {
  for (let i = 0; i < 150; i++) await say(boris, `chat${await anna.call<number>('im.chat.add', { TITLE: `Chat ${i} ${'x'.repeat(200)}`, USERS: [boris.userId] })}`);
  using wire = Wire.open();
  wire.socket.pause();
  // Also while it is only becoming known: an answer is not written into the one before.
  for (let i = 0; i < 10; i++) await wire.send(get(anna, 'im.recent.get'));
  wire.socket.resume();
  const answers = new Set<string>();
  for (let i = 0; i < 10; i++) answers.add(JSON.stringify(essence(await wire.answer())));
  expect(answers.size).toBe(1);
  const before = verbatim();
  wire.socket.pause();
  for (let i = 0; i < 80; i++) await wire.send(get(anna, 'im.recent.get'));
  await sleep(200);
  expect(verbatim() - before).toBeLessThan(60);
  wire.socket.resume();
  for (let i = 0; i < 80; i++) expect((await wire.answer()).status).toBe(200);
}, 60_000);

test('a stop answers what has come, says that it is the last answer, and closes', async () => {
  const other = await startTestServer();
  const dora = await other.addUser('Dora');
  using wire = await settled(dora, other);
  const stopping = other[Symbol.asyncDispose]();
  let answer: Answer;
  do answer = await wire.ask(get(dora, 'im.recent.get')); while (answer.status === 200 && !/^connection: close$/im.test(answer.head));
  expect(answer.status).toBe(200);
  await stopping;
});
