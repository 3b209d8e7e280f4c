/**
 * Very many who come back at once, as after a restart: a few at a time are told what they have missed, the others wait in their order, on
 * whichever protocol; everybody gets all of it, each thing once, in order.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { deleteWebhook } from '../../src/db/stores/portal-store.ts';
import { webhookNamed } from '../../src/identity/webhooks.ts';
import type { Client } from '../support/client.ts';
import { HeldStore, type HeldStatement } from '../support/held-store.ts';
import { configOf, type PullConfig, PullSocket } from '../support/pull-socket.ts';
import { byEvents, bySocket, type Connect, type Connection, isEvent } from '../support/push.ts';
import { movedTo, startTestServer, type TestServer } from '../support/server.ts';

/** How many are told at a time. */
const PLACES = 8;
const EACH = 8;
const MESSAGES = 130;
const POLL_MS = 300;
/** What is asked only where somebody comes back. */
const RESUME = /min\("rev"\)/;
/** What the reader of the journal asks for whoever is connected; each who comes back asks it too. */
const ENTRIES = /\(rev, seq\) >/;

const store = new HeldStore();
let portal: TestServer;
let ann: Client;
let ben: Client;
let cid: Client;
let chat: number;
let config: PullConfig;
/** Where Ben was before all that he has missed. */
let token: string;
let mid: string;
const missed: number[] = [];

beforeAll(async () => {
  portal = await startTestServer({}, { store: store.wrap, pull: { pollMs: POLL_MS } });
  [ann, ben, cid] = [await portal.addUser('Ann'), await portal.addUser('Ben'), await portal.addUser('Cid')];
  chat = await ann.call<number>('im.chat.add', { USERS: [ben.userId, cid.userId], MESSAGE: 'Welcome' });
  config = await configOf(ben);
  await using stream = await bySocket(ben);
  await stream.take(isEvent('ready'));
  const pull = await PullSocket.open(ben, { config });
  await say('seen');
  await stream.take(isEvent('list'));
  ({ mid } = await pull.next('messageChat'));
  token = stream.token!;
  await pull.leave();
  missed.length = 0;
  for (let i = 0; i < MESSAGES; i += 1) await say(`missed ${i}`);
});
afterAll(() => portal[Symbol.asyncDispose]());
afterEach(async () => {
  for (const { release } of holds.splice(0)) release();
  await Promise.all(open.splice(0).map(({ close }) => close()));
  await expect.poll(() => live().listeners(ben.userId)).toBe(0);
});

async function say(MESSAGE: string): Promise<void> {
  missed.push(await ann.call<number>('im.message.add', { DIALOG_ID: `chat${chat}`, MESSAGE }));
}
const live = () => portal.server.context.live;
const waiting = () => live().counts.waiting;

/** One who has come back, by whichever protocol. */
interface Back {
  /** Ids of the messages that it was told. */
  told(): number[];
  /** Resolves once it was told of one. */
  toldOf(id: number): Promise<unknown>;
  /** Why it has ended. */
  over: Promise<string>;
  close(): Promise<unknown>;
}

const open: Back[] = [];

function ofStream(connection: Connection): Back {
  return {
    told: () => connection.heard.filter(isEvent('message')).map(({ data }) => data['message'].id as number),
    toldOf: (id) => connection.take(isEvent('message', ({ message }) => message.id === id)),
    over: connection.over.then(() => String(connection.heard.findLast(isEvent('end'))?.data['reason'])),
    close: () => connection.close(),
  };
}

const streamed = (connect: Connect) => async () => ofStream(await connect(ben, token));

async function pulled(): Promise<Back> {
  const { server, jwt } = config;
  const socket = new PullSocket(`${server.websocket}?${new URLSearchParams({ token: jwt, jsonRpc: 'true', mid })}`);
  const isOpen = new Promise((resolve) => socket.socket.once('open', resolve));
  await isOpen;
  return {
    told: () => socket.messages.filter(({ command }) => command === 'messageChat').map(({ params }) => (params['message'] as { id: number }).id),
    toldOf: (id) => socket.next('messageChat', ({ params }) => (params['message'] as { id: number }).id === id),
    over: socket.closed.then(() => String(socket.messages.at(-1)?.command)),
    close: () => socket.leave(),
  };
}

const poll = (from = mid) => fetch(`${config.server.long_polling}?${new URLSearchParams({ token: config.jwt, jsonRpc: 'true', mid: from })}`);

const WAYS = { events: streamed(byEvents), socket: streamed(bySocket), 'the vendor\'s socket': pulled };
type Way = keyof typeof WAYS;

async function comeBack(way: Way): Promise<Back> {
  const back = await WAYS[way]();
  open.push(back);
  return back;
}

let holds: HeldStatement[] = [];

/** Holds so many who come back where they ask what they have missed. */
function holdResumes(count: number): { held: () => number; releaseNext: () => void } {
  let [held, released] = [0, 0];
  holds = Array.from({ length: count }, () => store.hold(RESUME));
  for (const { reached } of holds) void reached.then(() => (held += 1));
  return { held: () => held - released, releaseNext: () => holds[released++]!.release() };
}

/** All of each way come back, one after another, so that it is known whom each hold holds. */
async function manyComeBack(held: () => number): Promise<Back[]> {
  const backs: Back[] = [];
  for (let i = 0; i < EACH; i += 1) {
    for (const way of Object.keys(WAYS) as Way[]) {
      backs.push(await comeBack(way));
      await expect.poll(held).toBe(Math.min(PLACES, backs.length));
      await expect.poll(waiting).toBe(Math.max(0, backs.length - PLACES));
    }
  }
  return backs;
}

describe('who comes back', () => {
  test('is told with a few at a time, in the order in which they came: each all that was missed, once and in order', async () => {
    const { held, releaseNext } = holdResumes(3 * EACH);
    const backs = await manyComeBack(held);
    for (const [at, back] of backs.entries()) {
      expect(held()).toBeLessThanOrEqual(PLACES);
      releaseNext();
      await back.toldOf(missed.at(-1)!);
      expect(backs.slice(at + 1).flatMap((later) => later.told())).toEqual([]);
      await expect.poll(held).toBe(Math.min(PLACES, backs.length - at - 1));
    }
    expect(waiting()).toBe(0);
    for (const back of backs) expect(back.told()).toEqual(missed);
  });

  test('and leaves while waiting is waited for by nobody', async () => {
    const { held, releaseNext } = holdResumes(3 * EACH);
    const backs = await manyComeBack(held);
    const [stay, leave] = [backs.filter((_, at) => at < PLACES || at % 2 === 0), backs.filter((_, at) => at >= PLACES && at % 2 === 1)];
    await Promise.all(leave.map((back) => back.close()));
    await expect.poll(waiting).toBe(stay.length - PLACES);
    expect(live().listeners(ben.userId)).toBe(stay.length);
    for (const [at, back] of stay.entries()) {
      releaseNext();
      await back.toldOf(missed.at(-1)!);
      await expect.poll(held).toBe(Math.min(PLACES, stay.length - at - 1));
    }
    for (const back of stay) expect(back.told()).toEqual(missed);
    for (const back of leave) expect(back.told()).toEqual([]);
  });

  test('and leaves in the middle of it gives the place to the next', async () => {
    const { held, releaseNext } = holdResumes(3 * EACH);
    const backs = await manyComeBack(held);
    await Promise.all(backs.slice(0, PLACES).map((back) => back.close()));
    await expect.poll(() => live().listeners(ben.userId)).toBe(backs.length - PLACES);
    for (const [at, back] of backs.entries()) {
      releaseNext();
      if (at >= PLACES) await back.toldOf(missed.at(-1)!);
      await expect.poll(held).toBe(Math.min(PLACES, backs.length - at - 1));
    }
    for (const back of backs.slice(PLACES)) expect(back.told()).toEqual(missed);
  });

  test('by a poll is answered after its time as if nothing had happened, and goes on from where it was', async () => {
    holdResumes(PLACES);
    for (let i = 0; i < PLACES; i += 1) await comeBack('socket');
    const answer = await poll();
    expect([answer.status, answer.headers.get('last-message-id')]).toEqual([304, mid]);
    expect(waiting()).toBe(0);
    for (const { release } of holds) release();
    const batch = (await (await poll(answer.headers.get('last-message-id')!)).json()) as Array<{ params: { body: { params: { message: { id: number } } } } }>;
    expect(batch.map(({ params }) => params.body.params.message.id)).toEqual(missed);
  });

  test('and may not hear it any more when it is their turn, hears nothing', async () => {
    const { held } = holdResumes(PLACES + 1);
    for (let i = 0; i < PLACES; i += 1) await comeBack('events');
    await expect.poll(held).toBe(PLACES);
    await using refused = await bySocket(cid, token);
    await expect.poll(waiting).toBe(1);
    const { db } = portal.server.context;
    const { id } = (await db.read((s) => webhookNamed(s, cid.url)))!;
    await db.write((s) => deleteWebhook(s, id));
    for (const { release } of holds) release();
    await refused.over;
    expect(refused.heard.map(({ event, data }) => [event, data])).toEqual([['end', { reason: 'revoked' }]]);
  });

  test.each(Object.keys(WAYS) as Way[])('by %s while it goes on being written hears each thing once, in order', async (way) => {
    const [backs] = await Promise.all([
      Promise.all(Array.from({ length: 3 * PLACES }, () => comeBack(way))),
      (async () => {
        for (let i = 0; i < 40; i += 1) await say(`meanwhile ${i}`);
      })(),
    ]);
    await Promise.all(backs.map((back) => back.toldOf(missed.at(-1)!)));
    for (const back of backs) expect(back.told()).toEqual(missed);
  });

  test.each(Object.keys(WAYS) as Way[])('by %s is not told again what the reader of the journal was just about to tell', async (way) => {
    await using hears = await bySocket(ben);
    await hears.take(isEvent('ready'));
    const look = store.hold(ENTRIES);
    await say('between');
    await look.reached;
    const back = await comeBack(way);
    await back.toldOf(missed.at(-1)!);
    look.release();
    await hears.take(isEvent('message', ({ message }) => message.id === missed.at(-1)));
    await say('after');
    await back.toldOf(missed.at(-1)!);
    expect(back.told()).toEqual(missed);
  });

  test('while the server stops is told so at once, and hears all of it when it is there again', async () => {
    const { held } = holdResumes(3 * EACH);
    const backs = await manyComeBack(held);
    const restarting = portal.restart();
    expect(await Promise.all(backs.map(({ over }) => over))).toEqual(backs.map((_, at) => (at % 3 === 2 ? 'server_restart' : 'restart')));
    for (const { release } of holds) release();
    await restarting;
    ben = movedTo(portal, ben);
    const again = await comeBack('events');
    await again.toldOf(missed.at(-1)!);
    expect(again.told()).toEqual(missed);
  });
});
