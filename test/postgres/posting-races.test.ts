/** What happens between the look by which a message was let in and the one statement that writes it, and who else writes at the same time. */
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inFrontOf } from '../../src/db/in-front.ts';
import { ask } from '../../bench/home.ts';
import { recount } from '../model/recount.ts';
import type { Client } from '../support/client.ts';
import { HeldStore } from '../support/held-store.ts';
import { movedTo, startTestServer, type TestServer } from '../support/server.ts';

const ONE_STATEMENT = /^with "sent"/;

interface Scene {
  portal: TestServer;
  owner: Client;
  sender: Client;
  partner: Client;
  /** A chat in which only managers write: the sender is one. */
  channel: number;
  chat: number;
}

async function aScene(portal: TestServer): Promise<Scene> {
  const [owner, sender, partner] = [await portal.addUser('Owner'), await portal.addUser('Sender'), await portal.addUser('Partner')];
  const make = (params: Record<string, unknown>) => owner.call<number>('im.chat.add', { ...params, USERS: [sender.userId] });
  const [channel, chat] = [await make({ TITLE: 'News', TYPE: 'CHANNEL' }), await make({ TITLE: 'Team' })];
  await ask(portal.databaseUrl, `update member set role = 2 where user_id = ${sender.userId} and chat_id = ${channel}`);
  await partner.call('im.message.add', { DIALOG_ID: sender.userId, MESSAGE: 'Hello' });
  return { portal, owner, sender, partner, channel, chat };
}

interface Happening {
  what: string;
  into: (scene: Scene) => string;
  happen: (scene: Scene) => Promise<unknown>;
  /** Undefined where the message is sent all the same. */
  error?: string;
}

const team = ({ chat }: Scene) => `chat${chat}`;
const news = ({ channel }: Scene) => `chat${channel}`;
const privately = ({ partner }: Scene) => String(partner.userId);
const inside = (query: (scene: Scene) => string) => (scene: Scene) => ask(scene.portal.databaseUrl, query(scene));
const remove = ({ owner, sender, chat }: Scene) => owner.call('im.chat.user.delete', { CHAT_ID: chat, USER_ID: sender.userId });
const becomeGuest = inside(({ partner }) => `update "user" set extranet = 1 where id = ${partner.userId}`);

const HAPPENINGS: readonly Happening[] = [
  { what: 'the sender is removed', into: team, happen: remove, error: 'ACCESS_ERROR' },
  { what: 'the sender leaves', into: team, happen: ({ sender, chat }) => sender.call('im.chat.leave', { CHAT_ID: chat }), error: 'ACCESS_ERROR' },
  { what: 'the sender is removed and brought back', into: team, happen: async (scene) => [await remove(scene), await scene.owner.call('im.chat.user.add', { CHAT_ID: scene.chat, USERS: [scene.sender.userId] })] },
  { what: 'the sender is no manager any more', into: news, happen: inside(({ sender, channel }) => `update member set role = 1 where user_id = ${sender.userId} and chat_id = ${channel}`), error: 'ACCESS_ERROR' },
  { what: 'the sender becomes the owner', into: news, happen: inside(({ sender, channel }) => `update member set role = 3 where user_id = ${sender.userId} and chat_id = ${channel}`) },
  { what: 'only managers may write any more', into: team, happen: inside(({ chat }) => `update chat set entity_type = 'ANNOUNCEMENT' where id = ${chat}`), error: 'ACCESS_ERROR' },
  { what: 'only the owner may write any more', into: team, happen: ({ owner, chat }) => owner.call('tidemark.chat.permissions.set', { CHAT_ID: chat, CAN_POST: 'owner' }), error: 'ACCESS_ERROR' },
  { what: 'members may write', into: news, happen: ({ owner, channel }) => owner.call('tidemark.chat.permissions.set', { CHAT_ID: channel, CAN_POST: 'member' }) },
  { what: 'the chat is gone', into: team, happen: async (scene) => { for (const [table, column] of [['message', 'chat_id'], ['member', 'chat_id'], ['chat', 'id']]) await inside(({ chat }) => `delete from ${table} where ${column} = ${chat}`)(scene); }, error: 'CHAT_ID' },
  { what: 'the chat is muted, hidden and pinned', into: team, happen: async ({ sender, chat }) => [await sender.call('im.chat.mute', { DIALOG_ID: `chat${chat}`, MUTE: 'Y' }), await sender.call('im.recent.pin', { DIALOG_ID: `chat${chat}` })] },
  { what: 'the partner becomes a guest who shares no chat', into: privately, happen: becomeGuest, error: 'ACCESS_ERROR' },
  { what: 'the partner becomes a guest who shares a chat', into: privately, happen: async (scene) => [await scene.owner.call('im.chat.user.add', { CHAT_ID: scene.chat, USERS: [scene.partner.userId] }), await becomeGuest(scene)] },
  { what: 'the partner is dismissed', into: privately, happen: inside(({ partner }) => `update "user" set active = 0 where id = ${partner.userId}`) },
];

describe('the answer is that of several statements under the lock', () => {
  const store = new HeldStore();
  let portal: TestServer;
  let apart: TestServer;

  beforeAll(async () => {
    portal = await startTestServer({}, { store: store.wrap });
    apart = await startTestServer({}, { store: (db) => inFrontOf(db, { together: () => undefined }) });
  });
  afterAll(async () => {
    await portal[Symbol.asyncDispose]();
    await apart[Symbol.asyncDispose]();
  });

  const send = (scene: Scene, { into }: Happening) => scene.sender.raw('im.message.add', { DIALOG_ID: into(scene), MESSAGE: 'Then' });
  type Answered = Awaited<ReturnType<typeof send>>;

  /** Messages that are there, and entries that tell of them. */
  async function written({ portal: { databaseUrl } }: Scene): Promise<number[]> {
    const [counts] = await ask<{ messages: number; entries: number; counted: number }>(databaseUrl, `select (select count(*) from message) as messages,
      (select count(*) from journal where what = 'message.added') as entries, (select sum(message_count) from chat) as counted`);
    return Object.values(counts!);
  }

  /** What is answered, and how much more there is then. @param begin gives what resolves to the answer */
  async function outcome(scene: Scene, begin: () => Promise<() => Promise<Answered>>) {
    const answer = await begin();
    const before = await written(scene);
    const { status, body } = await answer();
    const after = await written(scene);
    return { status, error: body.error, text: body.error_description, more: after.map((count, index) => count - before[index]!) };
  }

  test.each([
    ...HAPPENINGS.map((happening) => ({ ...happening, known: true })),
    ...HAPPENINGS.map((happening) => ({ ...happening, known: false })),
  ])('$what (known before: $known)', async (happening) => {
    const scene = await aScene(portal);
    if (happening.known) await send(scene, happening);
    const held = store.hold(ONE_STATEMENT);
    const there = await outcome(scene, async () => {
      const sending = send(scene, happening);
      await held.reached;
      await happening.happen(scene);
      return () => (held.release(), sending);
    });
    const usual = await aScene(apart);
    if (happening.known) await send(usual, happening);
    await happening.happen(usual);
    const wanted = await outcome(usual, async () => () => send(usual, happening));
    expect(there).toEqual(wanted);
    expect({ error: there.error, more: there.more }).toEqual(happening.error ? { error: happening.error, more: [0, 0, 0] } : { error: undefined, more: [1, 1, 1] });
    // And nobody goes by what was known of the place.
    expect(await outcome(scene, async () => () => send(scene, happening))).toEqual(wanted);
  });

  test('who could not write is let in by one statement once they can', async () => {
    const scene = await aScene(portal);
    const { owner, sender, chat } = scene;
    const permit = (role: string) => owner.call('tidemark.chat.permissions.set', { CHAT_ID: chat, CAN_POST: role });
    const attempt = async () => (await sender.raw('im.message.add', { DIALOG_ID: `chat${chat}`, MESSAGE: 'Then' })).body.error;
    await permit('owner');
    expect(await attempt()).toBe('ACCESS_ERROR');
    await permit('member');
    const before = store.sent.length;
    expect(await attempt()).toBe(undefined);
    expect(store.sent.slice(before).filter((text) => ONE_STATEMENT.test(text))).toHaveLength(1);
    expect(store.sent.slice(before).filter((text) => text.startsWith('insert into "message"'))).toEqual([]);
  });
});

describe('two nodes', () => {
  let one: TestServer;
  let other: TestServer;
  let anna: Client;
  let boris: Client;
  let chat: number;

  beforeAll(async () => {
    one = await startTestServer();
    other = await startTestServer({ databaseUrl: one.databaseUrl });
    [anna, boris] = [await one.addUser('Anna'), await one.addUser('Boris')];
    chat = await anna.call<number>('im.chat.add', { TITLE: 'Busy', USERS: [boris.userId] });
  });
  afterAll(async () => {
    await other[Symbol.asyncDispose]();
    await one[Symbol.asyncDispose]();
  });

  const handsOf = () => [anna, boris, movedTo(other, anna), movedTo(other, boris)];
  const retries = () => [one, other].map(({ server }) => server.context.db.retries);

  test('send into one chat: counters are exact, dates follow the numbers, nobody runs twice', async () => {
    const sendOften = async (client: Client) => {
      for (let i = 0; i < 20; i++) {
        await Promise.all([1, 2, 3].map((n) => client.call('im.message.add', { DIALOG_ID: `chat${chat}`, MESSAGE: `${i}.${n}` })));
        if (i % 5 === 0) await Promise.all([client.call('im.dialog.read', { DIALOG_ID: `chat${chat}` }), client.call('im.message.add', { DIALOG_ID: client.userId === anna.userId ? boris.userId : anna.userId, MESSAGE: 'Aside' })]);
      }
    };
    await Promise.all(handsOf().map(sendOften));
    const messages = await ask<{ id: number; created_at: number; count_seq: number }>(one.databaseUrl, `select id, created_at, count_seq from message where chat_id = ${chat} order by id`);
    expect(messages.length).toBeGreaterThan(4 * 20 * 3);
    expect(messages.map(({ count_seq }) => count_seq)).toEqual(messages.map((_message, index) => messages[0]!.count_seq + index));
    const dates = messages.map(({ created_at }) => created_at);
    expect(dates).toEqual([...new Set(dates)].sort((a, b) => a - b));
    const [last] = messages.slice(-1);
    const [said] = await ask(one.databaseUrl, `select message_count, count_seq, last_message_id, last_message_at from chat where id = ${chat}`);
    expect(said).toEqual({ message_count: messages.length, count_seq: last!.count_seq, last_message_id: last!.id, last_message_at: last!.created_at });
    for (const client of handsOf()) await recount(client);
    expect(retries()).toEqual([0, 0]);
  });

  test('the same sends again and again, at the same time on both, are one message each', async () => {
    const uuids = Array.from({ length: 12 }, () => randomUUID());
    const told = new Map<string, Set<number>>(uuids.map((uuid) => [uuid, new Set()]));
    const sendAll = (client: Client) =>
      Promise.all([...uuids, ...uuids].map(async (uuid) => told.get(uuid)!.add(await client.call<number>('im.message.add', { DIALOG_ID: `chat${chat}`, MESSAGE: uuid, TEMPLATE_ID: uuid }))));
    await Promise.all([anna, movedTo(other, anna), movedTo(other, anna)].map(sendAll));
    const stored = await ask<{ id: number; uuid: string }>(one.databaseUrl, `select id, uuid from message where uuid in (${uuids.map((uuid) => `'${uuid}'`).join(', ')})`);
    expect(new Map(stored.map(({ id, uuid }) => [uuid, new Set([id])]))).toEqual(told);
  });

  test('a send that somebody else writes meanwhile does not concern those that go with it', async () => {
    const uuid = randomUUID();
    const send = (params: Record<string, unknown>) => anna.call<number>('im.message.add', { DIALOG_ID: `chat${chat}`, MESSAGE: 'Once', ...params });
    await send({});
    const elsewhere = new pg.Client({ connectionString: one.databaseUrl });
    await elsewhere.connect();
    try {
      await elsewhere.query('begin');
      await elsewhere.query(`select id from chat where id = ${chat} for no key update`);
      const sending = Promise.all([send({ TEMPLATE_ID: uuid }), send({}), send({})]);
      await expect.poll(async () => (await elsewhere.query(`select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`)).rowCount, { timeout: 20_000 }).toBeGreaterThan(0);
      const { rows } = await elsewhere.query<{ id: number }>(`insert into message (chat_id, author_id, sender_id, text, params, created_at, count_seq, counts, system, seen, deleted, uuid)
        values (${chat}, ${anna.userId}, ${anna.userId}, 'Once', '', 1, 1, 0, 0, 0, 0, '${uuid}') returning id`);
      await elsewhere.query('commit');
      const [known, ...others] = await sending;
      expect(known).toBe(rows[0]!.id);
      expect(new Set([known, ...others]).size).toBe(3);
    } finally {
      await elsewhere.end();
    }
  });
});
