/**
 * Whatever people do, on whichever node, and however often connections are lost: what a client makes of our stream is what the methods
 * say. TIDEMARK_PUSH_RUNS sets how many sequences.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Client } from '../support/client.ts';
import { byEvents, bySocket } from '../support/push.ts';
import { PushCopy, truth } from '../support/push-copy.ts';
import { runs } from '../support/runs.ts';
import { ENGINE, movedTo, startTestServer, type TestServer } from '../support/server.ts';

const RUNS = Number(process.env['TIDEMARK_PUSH_RUNS'] ?? runs(6));
const PEOPLE = 4;
const CHATS = 3;

const nodes: TestServer[] = [];
/** As each calls: the last one is a guest. */
let people: Client[];

beforeAll(async () => {
  const first = await startTestServer();
  nodes.push(first);
  if (ENGINE === 'postgres') nodes.push(await startTestServer({ databaseUrl: first.databaseUrl }));
  people = await Promise.all(Array.from({ length: PEOPLE }, (_, i) => first.addUser(`P${i}`, { extranet: i === PEOPLE - 1 ? 1 : 0 })));
});
afterAll(async () => {
  for (const node of nodes.reverse()) await node[Symbol.asyncDispose]();
});

const who = fc.nat(PEOPLE - 1);
/** Numbers below the chats name one of them, others a person. */
const where = fc.nat(CHATS + PEOPLE - 1);
const nth = fc.nat(5);

type Act = { act: string; who: number; where: number; whom: number; nth: number };
const acts = [
  'send', 'send', 'send', 'edit', 'delete', 'like', 'react', 'read', 'read', 'unread', 'pin', 'unpin', 'mark', 'hide', 'mute', 'unmute', 'readAll',
  'kick', 'leave', 'add', 'add', 'rename', 'colour', 'appoint', 'notify', 'profile', 'drop', 'drop', 'connect', 'connect',
] as const;
const act: fc.Arbitrary<Act> = fc.record({ act: fc.constantFrom(...acts), who, where, whom: who, nth });

interface Scene {
  chats: number[];
  copies: PushCopy[];
  sent: Array<{ id: number; by: number }>;
}

async function setUp(): Promise<Scene> {
  const chats = await Promise.all(Array.from({ length: CHATS }, (_, i) => people[0]!.call<number>('im.chat.add', {
    TITLE: `Chat ${i}`, TYPE: i === 1 ? 'OPEN' : 'CHAT', USERS: people.slice(1, 2 + i).map(({ userId }) => userId), MESSAGE: 'Welcome',
  })));
  const copies = people.map((client, i) => new PushCopy(client, i % 2 === 0 ? byEvents : bySocket));
  for (const [i, copy] of copies.entries()) await copy.connect(connectingAs(i));
  return { chats, copies, sent: [] };
}

/** Whoever calls one node listens to the other. */
function callingAs(i: number): Client {
  return movedTo(nodes[i % nodes.length]!, people[i]!);
}

function connectingAs(i: number): Client {
  return movedTo(nodes[(i + 1) % nodes.length]!, people[i]!);
}

async function perform({ chats, copies, sent }: Scene, { act: what, who: i, where: place, whom, nth: n }: Act): Promise<void> {
  const client = callingAs(i);
  const chatId = chats[place % CHATS]!;
  const dialog = place < CHATS ? `chat${chatId}` : String(people[place - CHATS]!.userId);
  const message = sent.at(-1 - n)?.id ?? 1;
  const other = people[whom]!.userId;
  const calls: Record<string, readonly [string, Record<string, unknown>]> = {
    edit: ['im.message.update', { MESSAGE_ID: message, MESSAGE: `Edited ${n}` }],
    delete: ['im.message.delete', { MESSAGE_ID: message }],
    like: ['im.message.like', { MESSAGE_ID: message, ACTION: n % 2 === 0 ? 'plus' : 'minus' }],
    react: ['im.v2.Chat.Message.Reaction.add', { messageId: message, reaction: 'laugh' }],
    read: ['im.dialog.read', n === 0 ? { DIALOG_ID: dialog } : { DIALOG_ID: dialog, MESSAGE_ID: message }],
    unread: ['im.dialog.unread', { DIALOG_ID: dialog, MESSAGE_ID: message }],
    pin: ['im.recent.pin', { DIALOG_ID: dialog, PIN: 'Y' }],
    unpin: ['im.recent.pin', { DIALOG_ID: dialog, PIN: 'N' }],
    mark: ['im.recent.unread', { DIALOG_ID: dialog, ACTION: n % 2 === 0 ? 'Y' : 'N' }],
    hide: ['im.recent.hide', { DIALOG_ID: dialog }],
    mute: ['im.chat.mute', { CHAT_ID: chatId, MUTE: 'Y' }],
    unmute: ['im.chat.mute', { CHAT_ID: chatId, MUTE: 'N' }],
    readAll: ['im.dialog.read.all', {}],
    kick: ['im.chat.user.delete', { CHAT_ID: chatId, USER_ID: other }],
    leave: ['im.chat.leave', { CHAT_ID: chatId }],
    add: ['im.chat.user.add', { CHAT_ID: chatId, USERS: [other], HIDE_HISTORY: n === 0 ? 'Y' : 'N' }],
    rename: ['im.chat.updateTitle', { CHAT_ID: chatId, TITLE: `Title ${n}` }],
    colour: ['im.chat.updateColor', { CHAT_ID: chatId, COLOR: n % 2 === 0 ? 'MINT' : 'PINK' }],
    appoint: ['im.chat.setManager', { CHAT_ID: chatId, USER_ID: other, IS_MANAGER: n % 2 === 0 ? 'Y' : 'N' }],
    notify: ['im.notify.personal.add', { USER_ID: other, MESSAGE: 'Look' }],
    profile: ['user.update', { ID: client.userId, WORK_POSITION: `Position ${n}` }],
  };
  if (what === 'send') {
    const { body } = await client.raw('im.message.add', { DIALOG_ID: dialog, MESSAGE: `Text ${sent.length}` });
    if (typeof body.result === 'number') sent.push({ id: body.result, by: i });
  } else if (what === 'drop') await copies[i]!.drop();
  else if (what === 'connect') {
    if (!copies[i]!.connected) await copies[i]!.connect(connectingAs(i));
  } else {
    const [method, params] = calls[what]!;
    const caller = what === 'profile' ? nodes[0]!.admin : client;
    // Much of it is refused, and then changes nothing.
    const { status } = await caller.raw(method, params);
    expect(status, `${method} ${JSON.stringify(params)}`).toBeLessThan(500);
  }
}

/** In the end, once all has been heard. */
async function expectSame(copy: PushCopy, client: Client): Promise<void> {
  const deadline = performance.now() + 60_000;
  for (;;) {
    const [copied, said] = [await copy.now(), await truth(client)];
    if (JSON.stringify(copied) === JSON.stringify(said)) return;
    if (performance.now() > deadline) expect(copied).toEqual(said);
    await sleep(50);
  }
}

test('copies are as the methods say', { timeout: 300_000 }, async () => {
  const rounds = fc.array(fc.array(act, { minLength: 1, maxLength: 4 }), { minLength: 5, maxLength: 25, size: 'max' });
  await fc.assert(fc.asyncProperty(rounds, async (sequence) => {
    const scene = await setUp();
    // What is done in a round is done at once, but each person does one thing at a time.
    for (const round of sequence) await Promise.all([...Map.groupBy(round, ({ who: i }) => i).values()].map(async (own) => {
      for (const next of own) await perform(scene, next);
    }));
    for (const [i, copy] of scene.copies.entries()) if (!copy.connected) await copy.connect(connectingAs(i));
    for (const [i, copy] of scene.copies.entries()) {
      await expectSame(copy, people[i]!);
    }
    for (const copy of scene.copies) await copy.drop();
  }), { numRuns: RUNS, endOnFailure: true });
});
