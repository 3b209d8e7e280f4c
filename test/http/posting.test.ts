/** Messages that are written by one statement are the rows that several statements write, one message at a time. */
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Clock } from '../../src/base/clock.ts';
import type { Changes } from '../../src/db/changes.ts';
import type { Database } from '../../src/db/database.ts';
import { inFrontOf } from '../../src/db/in-front.ts';
import { sendMessage } from '../../src/messenger/messages/sending.ts';
import { seederOn } from '../../bench/seed.ts';
import type { Client } from '../support/client.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

/** Time stands still, so that both servers date alike. */
class StillClock implements Clock {
  readonly #now = Date.now();
  now(): number {
    return this.#now;
  }
  precise(): number {
    return performance.now();
  }
}

/** Every message by several statements. */
const severally = (db: Database): Database => inFrontOf(db, { together: () => undefined });

/** A message, by whom it is and where it goes: numbers of people and of places. */
interface Sent {
  sender: number;
  place: number;
  text: string;
  system: boolean;
  uuid: string | undefined;
  params: Record<string, unknown>;
}

interface Side {
  portal: TestServer;
  people: Client[];
  /** Dialogs, and which of the people write there: each as a chat, or as the dialog with one of them. */
  places: Array<{ writers: number[]; dialogOf: (sender: number) => { kind: 'chat' | 'user'; id: number } }>;
  told: Changes[];
}

let together: Side;
let apart: Side;

beforeAll(async () => {
  const clock = new StillClock();
  together = await aSide(clock);
  apart = await aSide(clock, severally);
});
afterAll(async () => {
  await together.portal[Symbol.asyncDispose]();
  await apart.portal[Symbol.asyncDispose]();
});

async function aSide(clock: Clock, store: (db: Database) => Database = (db) => db): Promise<Side> {
  const portal = await startTestServer({}, { clock, store, folding: 'never' });
  const people: Client[] = [];
  for (const name of ['Anna', 'Boris', 'Carl']) people.push(await portal.addUser(name));
  people.push(await portal.addUser('Guest', { extranet: 1 }));
  const ids = people.map(({ userId }) => userId);
  const crowd = await seederOn(portal.server.context.db, clock).users(100);
  const chat = async (params: Record<string, unknown>, writers: number[]) => {
    const id = await people[0]!.call<number>('im.chat.add', params);
    return { writers, dialogOf: () => ({ kind: 'chat' as const, id }) };
  };
  const pair = (a: number, b: number, chatId?: number) => ({
    writers: [a, b], dialogOf: (sender: number) => (chatId ? { kind: 'chat' as const, id: chatId } : { kind: 'user' as const, id: ids[sender === a ? b : a]! }),
  });
  const places = [
    await chat({ TITLE: 'Team', USERS: ids }, [0, 1, 2, 3]),
    await chat({ TITLE: 'Crowd', USERS: [...ids, ...crowd] }, [0, 1, 2, 3]),
    await chat({ TITLE: 'Deal', USERS: ids, ENTITY_TYPE: 'CRM', ENTITY_ID: 'DEAL|1' }, [0, 1, 2]),
    await chat({ TITLE: 'Open', TYPE: 'OPEN', USERS: ids.slice(0, 2) }, [0, 1]),
    await chat({ TITLE: 'News', TYPE: 'CHANNEL', USERS: ids }, [0]),
    pair(0, 1), pair(0, 2), pair(1, 1),
  ];
  const told: Changes[] = [];
  const side = { portal, people, places, told };
  // From then on all of them are known to be where they are.
  for (const [place, { writers }] of places.entries()) for (const sender of writers) await send(side, { sender, place, text: 'Hello', system: false, uuid: undefined, params: {} });
  for (const [place, { writers }] of places.entries()) for (const sender of writers) await send(side, { sender, place, text: 'Hello again', system: false, uuid: undefined, params: {} });
  portal.server.context.db.onCommit((changes) => told.push(changes));
  return side;
}

function send({ portal, people, places }: Side, { sender, place, text, system, uuid, params }: Sent) {
  const viewer = { userId: people[sender]!.userId, admin: false, insider: sender !== 3 };
  return sendMessage(portal.server.context.messenger, viewer, { dialog: places[place]!.dialogOf(sender), text, params, system, uuid });
}

/** A column that says in which transaction a row was written last is told by what else that transaction said. */
async function rowsOf({ portal }: Side) {
  const { db } = portal.server.context;
  return db.read(async (s) => {
    const journal = await s.query((q) => q.selectFrom('journal').selectAll().orderBy('rev').orderBy('seq'));
    const last = (rev: number, chatId: number, userId?: number) =>
      journal.findLast((entry) => entry.rev === rev && entry.chat_id === chatId && (userId === undefined || entry.actor_id === userId))?.subject_id;
    const chats = await s.query((q) => q.selectFrom('chat').selectAll().orderBy('id'));
    const members = await s.query((q) => q.selectFrom('member').selectAll().orderBy('chat_id').orderBy('user_id'));
    return {
      message: await s.query((q) => q.selectFrom('message').selectAll().orderBy('id')),
      chat: chats.map((chat) => ({ ...chat, rev: last(chat.rev, chat.id), rev_seen: /^\d+:\d+:/.test(chat.rev_seen) })),
      member: members.map((member) => ({ ...member, rev: last(member.rev, member.chat_id, member.user_id) })),
      journal: journal.map(({ rev: _rev, seq: _seq, created_at: _at, ...entry }) => entry),
    };
  });
}

/** What listeners were told of, commit or commits. */
function toldOf({ told }: Side) {
  const all = told.splice(0).filter((changes) => changes.has('message.added'));
  const entries = all.flatMap((changes) => changes.entries()).sort((a, b) => a.subjectId - b.subjectId);
  const sorted = (ids: number[]) => [...new Set(ids)].sort((a, b) => a - b);
  return { entries, chats: sorted(all.flatMap(({ chats }) => [...chats])), sides: sorted(all.flatMap((changes) => changes.sides().map(({ userId }) => userId))) };
}

const params = fc.constantFrom<Record<string, unknown>>({}, {}, { ATTACH: [{ BLOCKS: [{ MESSAGE: 'ё 👍 \' " \\ {}' }] }] }, { KEYBOARD: { BUTTONS: [] } });
const sends = fc.array(
  fc.record({ sender: fc.nat(3), place: fc.nat(7), text: fc.string({ minLength: 1, unit: 'grapheme' }), system: fc.boolean(), repeatable: fc.boolean(), params }),
  { minLength: 1, maxLength: 100 },
);

/** For a hundred messages at once: as many as go together, and what of the last of these chats is left. */
const MOST_STATEMENTS = 3;

/** How many transactions have sent so many messages. */
async function transactionsOf({ portal }: Side, sent: ReadonlyArray<Awaited<ReturnType<typeof send>>>): Promise<number> {
  const ids = sent.flatMap((outcome) => (outcome.ok ? [outcome.value] : []));
  expect(ids).toHaveLength(sent.length);
  if (ids.length === 0) return 0;
  const revs = await portal.server.context.db.read((s) => s.query((q) => q.selectFrom('journal').select('rev').distinct().where('subject_id', 'in', ids).where('what', '=', 'message.added')));
  return revs.length;
}

test('rows, entries of the journal and what listeners are told, whoever writes what where at the same time', async () => {
  const property = fc.asyncProperty(sends, async (drawn) => {
    const { places } = together;
    const known = drawn.filter(({ sender, place, text }) => places[place]!.writers.includes(sender) && text.trim() !== '' && !text.includes('\0'));
    // What goes into one chat goes together: so numbers are given in the same order.
    const ordered = known.map(({ repeatable, ...rest }) => ({ ...rest, uuid: repeatable ? randomUUID() : undefined })).sort((a, b) => firstOf(known, a) - firstOf(known, b));
    const atOnce = await Promise.all(ordered.map((one) => send(together, one)));
    expect(await transactionsOf(together, atOnce)).toBeLessThanOrEqual(MOST_STATEMENTS);
    const inTurn: typeof atOnce = [];
    for (const one of ordered) inTurn.push(await send(apart, one));
    expect(atOnce).toEqual(inTurn);
    expect(await rowsOf(together)).toEqual(await rowsOf(apart));
    expect(toldOf(together)).toEqual(toldOf(apart));
  });
  await fc.assert(property, { numRuns: 25, endOnFailure: true });
});

function firstOf(all: ReadonlyArray<{ place: number }>, { place }: { place: number }): number {
  return all.findIndex((one) => one.place === place);
}
