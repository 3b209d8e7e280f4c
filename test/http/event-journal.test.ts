/** What handlers are told is read from the journal: each event once, none from before the binding, none lost, and nothing paid by who sends. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Database, Session, WriteSession } from '../../src/db/database.ts';
import { entriesAfter, READERS, readCursor } from '../../src/db/stores/journal-store.ts';
import { createLog } from '../../src/base/log.ts';
import { Deliverer } from '../../src/delivery/handlers/deliverer.ts';
import { createMessenger } from '../../src/messenger/messenger.ts';
import { addApp, type TestApp } from '../support/application.ts';
import { settled } from '../support/bindings.ts';
import type { Client } from '../support/client.ts';
import { tidemarkOn } from '../support/command.ts';
import { Handler } from '../support/handler.ts';
import { HeldStore } from '../support/held-store.ts';
import { say } from '../support/people.ts';
import { ENGINE, startTestServer, type TestServer } from '../support/server.ts';

let store: HeldStore;
/** Statements that fail once, as a fault in the code would. */
let broken: RegExp | undefined;
let portal: TestServer;
let anna: Client;
let boris: Client;
let app: TestApp;
let handler: Handler;

beforeEach(async () => {
  store = new HeldStore();
  broken = undefined;
  portal = await startTestServer({}, { indexing: 'never', store: (db) => store.wrap(breaking(db)), log: createLog('silent') });
  await tidemarkOn(portal, 'portal', 'set', '--private-handlers');
  [anna, boris] = [await portal.addUser('Anna'), await portal.addUser('Boris')];
  app = await addApp(portal);
  handler = await new Handler().start();
});
afterEach(async () => {
  handler.server.closeAllConnections();
  handler.server.close();
  await portal[Symbol.asyncDispose]();
});

function breaking(db: Database): Database {
  return new Proxy(db, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (name === 'write') return <T>(work: (s: WriteSession) => Promise<T>) => target.write((s) => work(failing(s)));
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
}

function failing(s: WriteSession): WriteSession {
  return new Proxy(s, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (name !== 'query' || !broken) return typeof member === 'function' ? member.bind(target) : member;
      return (build: Parameters<Session['query']>[0]) => target.query((q) => {
        const query = build(q);
        if (!broken?.test(query.compile().sql)) return query;
        broken = undefined;
        throw new Error('broken on purpose');
      });
    },
  });
}

const bind = async (EVENT = 'ONIMV2MESSAGEADD', who = portal.admin) => (await app.as(who)).call('event.bind', { EVENT, HANDLER: handler.url });
const textsOf = (told: Handler['told']) => told.map(({ data }) => data['message']!['text']);
const db = () => portal.server.context.db;
const cursor = () => db().read((s) => readCursor(s, READERS.handlers));
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Another process's look at the same store: its writes wait. */
function another(gate: Promise<void>, reached: () => void = () => {}): Deliverer {
  const { context, ready } = portal.server;
  const held = new Proxy(context.db, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (name === 'write') return async (work: (s: WriteSession) => Promise<unknown>) => {
        reached();
        await gate;
        return target.write(work);
      };
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
  return new Deliverer(createMessenger(held, portal.clock), ready.http, context.log);
}

test('nothing from before the binding is told, whoever else was told of it', async () => {
  await say(anna, boris.userId, { MESSAGE: 'before all' });
  await bind();
  // Nobody has looked yet when the second is bound.
  const look = store.hold(/from "event_handler" as "h"/);
  await say(anna, boris.userId, { MESSAGE: 'for the first' });
  await look.reached;
  const late = await new Handler().start();
  try {
    await (await app.as(portal.admin)).call('event.bind', { EVENT: 'ONIMV2MESSAGEADD', HANDLER: late.url });
    look.release();
    await say(anna, boris.userId, { MESSAGE: 'for both' });
    expect(textsOf([await late.next('ONIMV2MESSAGEADD')])).toEqual(['for both']);
    await settled(portal, app);
    expect(textsOf(handler.told)).toEqual(['for the first', 'for both']);
    expect(late.told).toEqual([]);
  } finally {
    late.server.closeAllConnections();
    late.server.close();
  }
});

test('what commits late is told, though what began after it is committed and was looked for', async () => {
  await bind();
  const held = store.hold(/insert into "message"/);
  const first = say(anna, boris.userId, { MESSAGE: 'held' });
  await held.reached;
  const second = say(boris, portal.admin.userId, { MESSAGE: 'overtakes' });
  if (ENGINE === 'postgres') {
    await second;
    const looks = () => store.sent.filter((sql) => /from "journal" /.test(sql)).length;
    for (const before = looks(); looks() < before + 3; ) await turn();
  }
  held.release();
  await Promise.all([first, second]);
  const told = [await handler.next('ONIMV2MESSAGEADD'), await handler.next('ONIMV2MESSAGEADD')];
  expect(textsOf(told).sort()).toEqual(['held', 'overtakes']);
});

test('of two that have read the same entries one tells them', async () => {
  await bind();
  await settled(portal, app);
  const [gate, reached] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const own = store.hold(/update "journal_reader"/);
  await using second = another(gate.promise, reached.resolve);
  for (let i = 0; i < 3; i += 1) await Promise.race([say(anna, boris.userId, { MESSAGE: `${i}` }), own.reached]);
  await own.reached;
  second.wake();
  await reached.promise;
  own.release();
  gate.resolve();
  while (handler.told.length < 3) await turn();
  await settled(portal, app);
  await second.idle();
  expect(textsOf(handler.told).sort()).toEqual(['0', '1', '2']);
});

test('two that look at the same time tell everything, and once', async () => {
  await bind();
  await using second = another(Promise.resolve());
  const texts = Array.from({ length: 40 }, (_, i) => `${i}`.padStart(2, '0'));
  await Promise.all(texts.map(async (MESSAGE) => {
    await say(anna, boris.userId, { MESSAGE });
    second.wake();
  }));
  await settled(portal, app);
  await second.idle();
  expect(textsOf(handler.told).sort()).toEqual(texts);
});

test('after a restart it goes on where it was, also with what happened meanwhile', async () => {
  await bind('ONUSERADD');
  await portal.admin.call('user.add', { NAME: 'One', EMAIL: 'one@example.org' });
  expect((await handler.next('ONUSERADD')).data).toMatchObject({ NAME: 'One' });
  await settled(portal, app);
  const { userId } = await portal.addUser('Two');
  const told = handler.told.length;
  // What another process writes down while none delivers.
  const held = store.hold(/update "journal_reader"/);
  await db().write(async (s) => s.changes.note({ what: 'user.added', subjectId: userId, actorId: 1, hops: 7 }));
  await held.reached;
  expect(handler.told).toHaveLength(told);
  const restarting = portal.restart();
  held.release();
  await restarting;
  expect((await handler.next('ONUSERADD')).data).toMatchObject({ NAME: 'Two' });
  await settled(portal, app);
  expect(handler.told).toEqual([]);
});

test('what was waiting when the portal was upgraded is told, before all else', async () => {
  await bind('ONUSERADD');
  await bind('ONIMV2MESSAGEADD');
  const waiting = { what: 'user.added' as const, chat_id: 0, user_id: 0, actor_id: 1, hops: 7, created_at: 0, rev: 0 };
  const people: number[] = [];
  for (const name of ['Old', 'Older']) people.push((await portal.addUser(name)).userId);
  // As the migration leaves it: handlers of revision 0, entries of revision 0, a reader that has read nothing.
  await db().write(async (s) => {
    await s.query((q) => q.updateTable('event_handler').set({ rev: 0 }));
    await s.query((q) => q.insertInto('journal').values(people.map((subject_id, at) => ({ ...waiting, seq: at + 5, subject_id }))));
    await s.query((q) => q.updateTable('journal_reader').set({ rev: 0, seq: 0 }).where('name', '=', READERS.handlers));
  });
  await portal.restart();
  const names = [await handler.next('ONUSERADD'), await handler.next('ONUSERADD')].map(({ data }) => data['NAME']);
  expect(names).toEqual(['Old', 'Older']);
});

test('what cannot be told does not keep the rest from being told', async () => {
  await bind();
  await settled(portal, app);
  broken = /insert into "delivery"/;
  await say(anna, boris.userId, { MESSAGE: 'broken' });
  await say(anna, boris.userId, { MESSAGE: 'after' });
  expect(textsOf([await handler.next('ONIMV2MESSAGEADD')])).toEqual(['after']);
  await settled(portal, app);
  expect(handler.told).toEqual([]);
});

/** What a send runs and leaves in the journal, besides what is done in the background. */
async function costOfSend(): Promise<{ statements: string[]; entries: string[] }> {
  const entries = () => db().read((s) => entriesAfter(s, { rev: 0, seq: 0 }, Number.MAX_SAFE_INTEGER, 100_000));
  const before = (await entries()).length;
  const from = store.sent.length;
  await say(anna, boris.userId);
  const statements = store.sent.slice(from).filter((sql) => !/"delivery"|"event_handler"|"tick"|"clock_mark"|"snapshot"|last_activity_at" =/.test(sql));
  return { statements, entries: (await entries()).slice(before).map(({ what }) => what) };
}

/** Where one statement writes all of a message, its entry is in it. */
function asksJournal(sql: string): boolean {
  return /journal/.test(sql) && !/insert into "message"/.test(sql);
}

test('who sends pays for the entry in the journal and nothing else, whether somebody is bound or nobody', async () => {
  // The first makes the dialog, the second finds the place in it.
  for (let i = 0; i < 2; i++) await say(anna, boris.userId);
  const unbound = await costOfSend();
  expect(unbound.entries).toEqual(['message.added']);
  expect(unbound.statements.filter(asksJournal)).toEqual([]);
  await bind('ONUSERADD');
  await settled(portal, app);
  // The first call after it reads the settings again.
  await say(anna, boris.userId);
  const bound = await costOfSend();
  expect(bound.statements.filter((sql) => !asksJournal(sql))).toEqual(unbound.statements);
  expect(bound.entries).toEqual(unbound.entries);
});

test('while nobody is bound, the journal is passed with the cleaning', async () => {
  for (let i = 0; i < 5; i += 1) await say(anna, boris.userId);
  const { newest } = await cursor();
  portal.clock.advance(120_000);
  for (let at = await cursor(); at.rev < newest; at = await cursor()) await turn();
  await bind();
  await say(anna, boris.userId, { MESSAGE: 'told' });
  expect(textsOf([await handler.next('ONIMV2MESSAGEADD')])).toEqual(['told']);
});
