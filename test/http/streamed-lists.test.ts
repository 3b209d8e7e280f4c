/**
 * Lists too long to be put together are sent while they are read: the same rows as one snapshot has them, begun before the rest is
 * there, and never to be taken for whole when they are not.
 */
import { once } from 'node:events';
import http, { type IncomingMessage } from 'node:http';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createLog } from '../../src/base/log.ts';
import { snapshot } from '../../src/db/stores/generation-store.ts';
import { recentWindow } from '../../src/db/stores/recent-store.ts';
import { windowInOrder } from '../../src/messenger/recent/window-in-order.ts';
import type { Client } from '../support/client.ts';
import { CODINGS, decoded } from '../support/decoding.ts';
import { type HeldStatement, HeldStore } from '../support/held-store.ts';
import { type Reply, send, sendRaw } from '../support/http.ts';
import { knownAsActive, type Row, say, stable } from '../support/people.ts';
import { ENGINE, startTestServer, type TestServer } from '../support/server.ts';

const DAY_MS = 86_400_000;
/** More than come in the first piece. */
const CHATS = 70;
const RUNS = ENGINE === 'sqlite' ? 15 : 6;
/** Reads rows in their order. */
const ROWS = /\(m\.sort_at, m\.chat_id\) </;

const store = new HeldStore();
let portal: TestServer;
let anna: Client;
let boris: Client;
let chats: number[];

beforeAll(async () => {
  portal = await startTestServer({}, { store: store.wrap, kept: { longest: 8, head: 3, changes: 500 }, log: createLog('silent') });
  [anna, boris] = [await portal.addUser('Anna'), await portal.addUser('Boris')];
  chats = [];
  for (let i = 0; i < CHATS; i++) {
    chats.push(await boris.call<number>('im.chat.add', { TITLE: `Chat ${i}`, USERS: [anna.userId] }));
    await say(boris, `chat${chats[i]}`);
  }
  await knownAsActive(portal, [portal.admin, anna, boris]);
  await portal.server.context.folding.foldAll();
  // What is kept of it, and who calls, is known from here on.
  await anna.call('im.recent.get');
});
afterAll(() => portal[Symbol.asyncDispose]());

const url = (query = '') => `${anna.url}im.recent.get${query}`;
/** Whoever has a tag is answered whole. */
const WHOLE = { 'if-none-match': '"none"' };

/** Lets the first rows be read: those that are pinned, of which there are none, and some of the others. */
function holdRest(): HeldStatement {
  return store.hold(ROWS, 2);
}

function rowsOf(reply: Reply): Row[] {
  return stable((JSON.parse(decoded(reply)) as { result: Row[] }).result);
}

/** An answer as far as it has come. */
async function begin(headers: Record<string, string> = {}): Promise<{ response: IncomingMessage; chunks: () => Promise<Buffer> }> {
  const request = http.get(url(), { headers, agent: false });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const chunks = async () => {
    const read: Buffer[] = [];
    for await (const chunk of response) read.push(chunk as Buffer);
    return Buffer.concat(read);
  };
  return { response, chunks };
}

test('a long list is streamed, without length and tag, and with the token of its snapshot', async () => {
  const streamed = await send(url());
  const whole = await send(url(), { headers: WHOLE });
  expect(streamed.headers).toMatchObject({ 'transfer-encoding': 'chunked', 'content-type': 'application/json; charset=utf-8' });
  for (const name of ['content-length', 'etag', 'cache-control']) expect(streamed.headers[name]).toBeUndefined();
  expect(Object.keys(streamed.body)).toEqual(['result', 'time']);
  expect(Object.keys(streamed.body['time'] as object)).toEqual(Object.keys(whole.body['time'] as object));
  expect(rowsOf(streamed)).toHaveLength(CHATS);
  expect(rowsOf(streamed)).toEqual(rowsOf(whole));
  const TOKEN = streamed.headers['x-tidemark-token'];
  expect(await anna.call('tidemark.recent.changes', { TOKEN })).toMatchObject({ items: [], removed: [], reset_required: false });
  const changed = await say(boris, `chat${chats[5]}`);
  expect(await anna.call('tidemark.recent.changes', { TOKEN })).toMatchObject({ items: [{ message: { id: changed } }] });
});

test.each(CODINGS)('%s: the stream, once decoded, is the list', async (coding) => {
  const reply = await send(url(), { headers: { 'accept-encoding': coding } });
  expect(reply.headers).toMatchObject({ 'content-encoding': coding, vary: 'accept-encoding', 'transfer-encoding': 'chunked' });
  expect(rowsOf(reply)).toEqual(rowsOf(await send(url(), { headers: WHOLE })));
});

test('a short list has its length and its tag as before', async () => {
  const reply = await send(url('?SKIP_CHAT=Y'), { headers: WHOLE });
  const { headers } = await send(`${(await portal.addUser('New')).url}im.recent.get`);
  for (const each of [reply.headers, headers]) expect(each).toMatchObject({ etag: expect.any(String) as string, 'content-length': expect.any(String) as string });
});

describe('who could not make out where a stream ends, or needs all of it at once, gets the list whole', () => {
  const WAYS: Record<string, () => Promise<unknown[]>> = {
    'HTTP/1.0': async () => {
      const { headers, body } = await sendRaw(portal.http, `GET ${new URL(url()).pathname} HTTP/1.0\r\nHost: ${new URL(url()).host}\r\n\r\n`);
      expect(headers['content-length']).toBeDefined();
      return body['result'] as unknown[];
    },
    'a batch': async () => {
      const { result } = await anna.call<{ result: unknown[][] }>('batch', { CMD: ['im.recent.get'] });
      return result[0]!;
    },
    'XML': async () => {
      const { text, headers } = await send(url().replace('im.recent.get', 'im.recent.get.xml'));
      expect(headers['content-length']).toBeDefined();
      return [...text.matchAll(/<chat_id>/g)];
    },
    'HEAD': async () => {
      const { headers } = await send(url(), { method: 'HEAD' });
      expect(Number(headers['content-length'])).toBeGreaterThan(10_000);
      return Array.from({ length: CHATS });
    },
    'a tag': async () => {
      const first = await send(url(), { headers: { 'if-none-match': '""' } });
      expect((await send(url(), { headers: { 'if-none-match': first.headers.etag! } })).status).toBe(304);
      return first.body['result'] as unknown[];
    },
  };

  test.each(Object.keys(WAYS))('%s', async (way) => {
    expect(await WAYS[way]!()).toHaveLength(CHATS);
  });
});

describe('while the rest is not read yet', () => {
  afterEach(() => anna.call('im.recent.get'));

  test('the first rows are there; what changes meanwhile is not in it', async () => {
    const rest = holdRest();
    const { response, chunks } = await begin();
    await rest.reached;
    const last = rowsOf(await send(url(), { headers: WHOLE })).at(-1)!;
    await say(boris, `chat${last.chat_id}`);
    rest.release();
    const { result } = JSON.parse((await chunks()).toString()) as { result: Row[] };
    expect(result).toHaveLength(CHATS);
    expect(stable(result.at(-1))).toEqual(last);
    const TOKEN = response.headers['x-tidemark-token'];
    expect(await anna.call('tidemark.recent.changes', { TOKEN })).toMatchObject({ items: [{ chat_id: last.chat_id }] });
  });

  test.each(['identity', ...CODINGS])('a failure breaks the connection (%s)', async (coding) => {
    const faults = async () => /tidemark_faults_total (\d+)/.exec(await (await fetch(`${portal.http}/metrics`)).text())?.[1];
    const before = await faults();
    const rest = holdRest();
    const asked = begin({ 'accept-encoding': coding });
    await rest.reached;
    // Compressed bytes may all be on their way still.
    if (coding === 'identity') await asked;
    rest.fail(new Error('on purpose'));
    await expect(asked.then(({ chunks }) => chunks())).rejects.toThrow(/aborted|socket hang up/);
    expect(await faults()).not.toBe(before);
    expect(rowsOf(await send(url()))).toHaveLength(CHATS);
  });

  test('a failure before the first row is an error like any other', async () => {
    const held = store.hold(ROWS);
    const failed = anna.fails('im.recent.get');
    await held.reached;
    held.fail(new Error('on purpose'));
    expect(await failed).toMatchObject({ status: 500, error: 'INTERNAL_SERVER_ERROR' });
    expect(rowsOf(await send(url()))).toHaveLength(CHATS);
  });

  test('whoever goes away lets go of the snapshot', async () => {
    for (let i = 0; i < 20; i++) {
      const rest = holdRest();
      const { response } = await begin();
      await rest.reached;
      response.destroy();
      await once(response, 'close');
      rest.release();
    }
    // There are no more than 16 snapshots at a time, and two long lists.
    expect(rowsOf(await send(url()))).toHaveLength(CHATS);
  });
});

describe('whatever happens, the stream is what the whole list is', () => {
  const SELECTIONS = ['', '?SKIP_CHAT=Y', '?SKIP_DIALOG=Y', '?ONLY_OPENLINES=Y'];
  const steps: Record<string, (chat: number) => Promise<unknown>> = {
    say: (chat) => say(boris, `chat${chat}`),
    pin: (chat) => anna.call('im.recent.pin', { DIALOG_ID: `chat${chat}` }).catch(() => {}),
    unpin: (chat) => anna.call('im.recent.pin', { DIALOG_ID: `chat${chat}`, PIN: 'N' }).catch(() => {}),
    hide: (chat) => anna.call('im.recent.hide', { DIALOG_ID: `chat${chat}` }).catch(() => {}),
    read: (chat) => anna.call('im.dialog.read', { DIALOG_ID: `chat${chat}` }).catch(() => {}),
    mute: (chat) => anna.call('im.chat.mute', { CHAT_ID: chat, MUTE: 'Y' }).catch(() => {}),
    leave: (chat) => anna.call('im.chat.leave', { CHAT_ID: chat }).catch(() => {}),
    invite: (chat) => boris.call('im.chat.user.add', { CHAT_ID: chat, USERS: [anna.userId] }).catch(() => {}),
    rename: (chat) => boris.call('im.chat.updateTitle', { CHAT_ID: chat, TITLE: `Renamed ${portal.clock.now()}` }),
    write: () => say(boris, anna.userId),
    week: async () => portal.clock.advance(7 * DAY_MS),
    second: async () => portal.clock.advance(1000),
    fold: () => portal.server.context.folding.foldAll(),
  };

  let streams = 0;

  async function compare(): Promise<void> {
    const dates = [1000, 8 * DAY_MS, 29 * DAY_MS].map((ago) => `?LAST_UPDATE=${new Date(portal.clock.now() - ago).toISOString()}`);
    for (const query of [...SELECTIONS, ...dates]) {
      const [streamed, whole] = [await send(url(query)), await send(url(query), { headers: WHOLE })];
      if (streamed.headers.etag === undefined) streams += 1;
      expect(rowsOf(streamed)).toEqual(rowsOf(whole));
    }
  }

  test('a chat of weeks ago in which something has happened since comes once', async () => {
    portal.clock.advance(35 * DAY_MS);
    for (const chat of chats.slice(0, 20)) await say(boris, `chat${chat}`);
    await steps['fold']!(0);
    const [muted, renamed, both] = chats.slice(40) as [number, number, number];
    for (const chat of [muted, both]) await steps['mute']!(chat);
    await steps['rename']!(renamed);
    // Its last message is on the chat alone.
    await say(boris, `chat${both}`);
    await compare();
    const ids = rowsOf(await send(url())).map((row) => row.chat_id);
    expect(ids.toSorted((a, b) => a - b)).toEqual([...chats.slice(0, 20), muted, renamed, both]);
  });

  test('of a window by revision it is what has such a revision', async () => {
    await steps['fold']!(0);
    const { db } = portal.server.context;
    const { token: rev } = await db.read(snapshot);
    const changed = chats.slice(3, 6);
    for (const chat of changed) await say(boris, `chat${chat}`);
    const window = { since: 1, rev };
    const found = await db.read(async (s) => {
      const ids: number[][] = [[], []];
      for await (const rows of recentWindow(s, anna.userId, window)) ids[0]!.push(...rows.map((row) => row.chat_id));
      for await (const rows of windowInOrder(s, anna.userId, window)) ids[1]!.push(...rows.map((row) => row.chat_id));
      return ids;
    });
    expect(found[1]).toEqual(changed.toReversed());
    expect(found[0]!.toSorted((a, b) => b - a)).toEqual(found[1]!.toSorted((a, b) => b - a));
    await steps['fold']!(0);
    const folded: number[] = [];
    await db.read(async (s) => {
      for await (const rows of windowInOrder(s, anna.userId, window)) folded.push(...rows.map((row) => row.chat_id));
    });
    expect(folded).toEqual(found[1]);
  });

  test('for every selection and window', { timeout: 120_000 }, async () => {
    const step = fc.tuple(fc.constantFrom(...Object.keys(steps)), fc.nat(CHATS - 1));
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (plan) => {
        for (const chat of chats.slice(0, 20)) await say(boris, `chat${chat}`);
        await steps['fold']!(0);
        for (const [name, index] of plan) await steps[name]!(chats[index]!);
        await compare();
      }),
      { numRuns: RUNS, interruptAfterTimeLimit: 90_000 },
    );
    expect(streams).toBeGreaterThan(RUNS);
  });
});
