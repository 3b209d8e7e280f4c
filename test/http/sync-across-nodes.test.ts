/** Two nodes on one database, their clocks apart: whoever syncs by date loses nothing, whichever node answers. */
import { describe, expect, test } from 'vitest';
import type { Overrides } from '../../src/context.ts';
import { findChat } from '../../src/db/stores/chat-store.ts';
import { type Client, clientFor } from '../support/client.ts';
import { HeldStore } from '../support/held-store.ts';
import { type Row, say, stable } from '../support/people.ts';
import { ENGINE, startTestServer, TestClock, type TestServer } from '../support/server.ts';

const SECOND = 1000;
const HOUR = 3600 * SECOND;

/** How far the second node's clock is from the first one's. */
const APART = { 'as late': 0, '5 s ahead': 5 * SECOND, '5 s behind': -5 * SECOND, 'an hour behind': -HOUR };

interface Dated {
  result: Row[];
  time: { date_start: string };
}
const get = async (who: Client, params = {}) => (await who.raw('im.recent.get', params)).body as unknown as Dated;

/** What a client that has this answer asks with next. */
const WAYS: Record<string, (answer: Dated) => Record<string, string>> = {
  'LAST_SYNC_DATE from the start of the call': ({ time }) => ({ LAST_SYNC_DATE: time.date_start }),
  'LAST_UPDATE from the start of the call': ({ time }) => ({ LAST_UPDATE: time.date_start }),
  'the newest change it has': ({ result }) => ({ LAST_SYNC_DATE: result.map((row) => row.date_update).reduce((a, b) => (Date.parse(a) > Date.parse(b) ? a : b)) }),
};

class Nodes implements AsyncDisposable {
  readonly store = new HeldStore();
  readonly clock = new TestClock();
  first!: TestServer;
  second!: TestServer;
  anna!: Client;
  boris!: Client;
  chats: number[] = [];

  static async start(apart: number, settings = {}): Promise<Nodes> {
    const nodes = new Nodes();
    nodes.first = await startTestServer(settings);
    nodes.clock.set(apart);
    await nodes.startSecond();
    [nodes.anna, nodes.boris] = [await nodes.first.addUser('Anna'), await nodes.first.addUser('Boris')];
    for (const TITLE of ['One', 'Two', 'Three']) {
      nodes.chats.push(await nodes.anna.call<number>('im.chat.add', { TITLE, USERS: [nodes.boris.userId] }));
    }
    await say(nodes.boris, nodes.anna.userId);
    return nodes;
  }

  async startSecond(): Promise<void> {
    const overrides: Overrides = { clock: this.clock, store: this.store.wrap };
    this.second = await startTestServer({ databaseUrl: this.first.databaseUrl }, overrides);
  }

  pass(ms: number): void {
    this.first.clock.advance(ms);
    this.clock.advance(ms);
  }

  on(node: TestServer, who: Client): Client {
    return clientFor(who.url.replace(/^https?:\/\/[^/]+/, node.http), who.userId);
  }

  /** When something happened last in a chat, milliseconds. */
  async bumpedAt(chatId: number): Promise<number> {
    return (await this.first.server.context.db.read((s) => findChat(s, chatId)))!.bumped_at;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.second[Symbol.asyncDispose]();
    await this.first[Symbol.asyncDispose]();
  }
}

/** A change on the second node is under way while the client asks the first one; `then` before it is committed. */
async function holdACommit(nodes: Nodes, since: (answer: Dated) => Record<string, string>, then: () => Promise<unknown> = async () => {}): Promise<void> {
  const { anna, boris, chats } = nodes;
  await get(nodes.on(nodes.second, anna));
  const held = nodes.store.hold(/insert into "message"/);
  const sent = say(nodes.on(nodes.second, boris), `chat${chats[0]}`, { MESSAGE: 'Late' });
  await held.reached;
  await say(boris, `chat${chats[1]}`);
  nodes.pass(2 * SECOND);
  const copy = new Map<number, Row>();
  const answer = stable(await get(anna));
  for (const row of answer.result) copy.set(row.chat_id, row);
  await then();
  held.release();
  await sent;
  for (const node of [nodes.first, nodes.second]) {
    for (const row of stable(await get(nodes.on(node, anna), since(answer))).result) copy.set(row.chat_id, row);
    const list = stable(await anna.call<Row[]>('im.recent.get'));
    expect(list.map((row) => copy.get(row.chat_id))).toEqual(list);
  }
}

const twoNodes = () => {
  describe.each(Object.entries(APART))('whose clocks are apart: the second is %s', (_what, apart) => {
    test.each(Object.entries(WAYS))('a change that is committed late is told to who asks by %s', async (_way, since) => {
      for (const settings of [{}, { cacheMb: 0 }]) {
        await using nodes = await Nodes.start(apart, settings);
        await holdACommit(nodes, since);
      }
    });

    test.each(Object.entries(WAYS))('a person renamed on the other node is told to who asks by %s', async (_way, since) => {
      for (const settings of [{}, { cacheMb: 0 }]) {
        await using nodes = await Nodes.start(apart, settings);
        nodes.pass(40 * SECOND);
        const answer = await get(nodes.anna);
        await nodes.on(nodes.second, nodes.first.admin).call('user.update', { ID: nodes.boris.userId, NAME: 'Renamed' });
        const { result } = await get(nodes.anna, since(answer));
        expect(result.find((row) => row.id === nodes.boris.userId)?.title).toBe('Renamed');
      }
    });

    test.each(Object.entries(WAYS))('clocks that are set between changes lose nothing to who asks by %s', async (_way, since) => {
      await using nodes = await Nodes.start(apart);
      const copy = new Map<number, Row>();
      let answer = stable(await get(nodes.anna));
      for (const [index, step] of [0, -5 * SECOND, HOUR, -HOUR, -3 * HOUR, 3 * HOUR].entries()) {
        (index % 2 ? nodes.clock : nodes.first.clock).set(step);
        for (const row of answer.result) copy.set(row.chat_id, row);
        await say(nodes.on(index % 2 ? nodes.first : nodes.second, nodes.boris), `chat${nodes.chats[index % 3]}`);
        const asked = nodes.on(index % 3 ? nodes.second : nodes.first, nodes.anna);
        answer = stable(await get(asked, since({ result: [...copy.values()], time: answer.time })));
        for (const row of answer.result) copy.set(row.chat_id, row);
        const list = stable(await nodes.anna.call<Row[]>('im.recent.get'));
        expect({ index, rows: list.map((row) => copy.get(row.chat_id)) }).toEqual({ index, rows: list });
      }
    });
  });

  test.each<[string, (nodes: Nodes, chat: number, message: number) => Promise<unknown>]>([
    ['seen', (nodes, chat, MESSAGE_ID) => nodes.on(nodes.second, nodes.anna).call('im.dialog.read', { DIALOG_ID: `chat${chat}`, MESSAGE_ID })],
    ['changed', (nodes, _chat, message) => nodes.on(nodes.second, nodes.boris).call('im.message.update', { MESSAGE_ID: message, MESSAGE: 'Changed' })],
    ['taken back', (nodes, _chat, message) => nodes.on(nodes.second, nodes.boris).call('im.message.delete', { MESSAGE_ID: message })],
    ['changed, and followed by another', async (nodes, chat, MESSAGE_ID) => {
      nodes.pass(60 * SECOND);
      await nodes.boris.call('im.message.update', { MESSAGE_ID, MESSAGE: 'Changed' });
      const before = await nodes.bumpedAt(chat);
      await say(nodes.on(nodes.second, nodes.boris), `chat${chat}`);
      expect(await nodes.bumpedAt(chat)).toBeGreaterThan(before);
    }],
    ['in a chat that gets a manager', (nodes, chat) => nodes.on(nodes.second, nodes.anna).call('im.chat.setManager', { CHAT_ID: chat, USER_ID: nodes.boris.userId })],
  ])('a message that is %s on a node whose clock is behind moves its chat forward all the same', async (_what, happen) => {
    await using nodes = await Nodes.start(-HOUR);
    const [chat] = nodes.chats as [number];
    // What the second node may stamp begins a little ahead of the first one's clock.
    nodes.pass(60 * SECOND);
    const message = await say(nodes.boris, `chat${chat}`);
    const before = await nodes.bumpedAt(chat);
    await happen(nodes, chat, message);
    expect(await nodes.bumpedAt(chat)).toBeGreaterThan(before);
  });

  test('a node that has started since takes nothing from what has changed', async () => {
    await using nodes = await Nodes.start(0);
    nodes.pass(30 * SECOND);
    await say(nodes.boris, `chat${nodes.chats[0]}`);
    // A tick, after which the next date is told.
    nodes.pass(30 * SECOND);
    await get(nodes.anna);
    nodes.pass(30 * SECOND);
    const { time } = await get(nodes.anna);
    await nodes.second[Symbol.asyncDispose]();
    await nodes.startSecond();
    nodes.pass(100 * SECOND);
    await say(nodes.on(nodes.second, nodes.boris), `chat${nodes.chats[1]}`);
    const { result } = await get(nodes.on(nodes.second, nodes.anna), { LAST_SYNC_DATE: time.date_start });
    // What is older comes along where a transaction elsewhere on the same server was open at the tick.
    expect(result.map((row) => row.chat_id)).toContain(nodes.chats[1]);
  });
};

if (ENGINE === 'postgres') describe('two nodes on one database', twoNodes);
else {
  test.each([{}, { cacheMb: 0 }])('an embedded store has one node: a person who is renamed, dismissed or back is told by date: %o', async (settings) => {
    await using portal = await startTestServer(settings);
    const [anna, boris] = [await portal.addUser('Anna'), await portal.addUser('Boris')];
    await say(boris, anna.userId);
    const chat = await boris.call<number>('im.chat.add', { TITLE: 'Quiet', USERS: [anna.userId] });
    await anna.call('im.dialog.read', { DIALOG_ID: `chat${chat}` });
    for (const params of [{ NAME: 'Renamed' }, { ACTIVE: 'N' }, { ACTIVE: 'Y' }]) {
      portal.clock.advance(40 * SECOND);
      const { time } = await get(anna);
      portal.clock.advance(2 * SECOND);
      await portal.admin.call('user.update', { ID: boris.userId, ...params });
      const { result } = await get(anna, { LAST_SYNC_DATE: time.date_start });
      expect(result.find((row) => row.id === boris.userId)).toMatchObject({ title: 'Renamed', user: { active: params.ACTIVE !== 'N' } });
      expect(await get(anna, { LAST_SYNC_DATE: new Date(portal.clock.now() + SECOND).toISOString() })).toMatchObject({ result: [] });
    }
  });
}
