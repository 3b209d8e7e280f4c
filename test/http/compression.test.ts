/** Compressed answers: every kind of them, in every coding, is byte for byte the plain one. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addApp } from '../support/application.ts';
import type { Client } from '../support/client.ts';
import { CODINGS, decoded } from '../support/decoding.ts';
import { type Reply, send } from '../support/http.ts';
import { knownAsActive, type Row, say } from '../support/people.ts';
import { ENGINE, startTestServer, type TestServer } from '../support/server.ts';

/** Their rows together are more than is compressed on the spot. */
const PEERS = 30;

let portal: TestServer;
let viewer: Client;
let peers: Client[];
let pageless: Client;

beforeAll(async () => {
  portal = await startTestServer();
  viewer = await portal.addUser('Viewer');
  pageless = await portal.addUser('Nobody');
  peers = [];
  while (peers.length < PEERS) peers.push(await portal.addUser(`Peer ${peers.length}`));
  for (const peer of peers) await say(peer, viewer.userId, { MESSAGE: `Ähren & <Korn> 🌊 ${'words '.repeat(peer.userId)}` });
  await knownAsActive(portal, [portal.admin, viewer, pageless, ...peers]);
});
afterAll(() => portal[Symbol.asyncDispose]());

/** Where two texts part, with a little around it: whole lists are no use to anybody who reads them. */
function difference(a: string, b: string): [string, string] | undefined {
  if (a === b) return undefined;
  let at = 0;
  while (a[at] === b[at]) at += 1;
  return [a.slice(Math.max(0, at - 50), at + 50), b.slice(Math.max(0, at - 50), at + 50)];
}

/** The same without what differs between any two answers. */
function timeless(text: string): string {
  return text
    .replaceAll(/"(?:start|finish|duration|processing|operating|operating_reset_at)":[\d.]+|"date_(?:start|finish)":"[^"]*"/g, '')
    .replaceAll(/<(start|finish|duration|processing|operating|operating_reset_at|date_start|date_finish)>[^<]*</g, '');
}

const JSON_TYPE = { 'content-type': 'application/json' };
interface Kind {
  what: string;
  status?: number;
  ask: (accept: Record<string, string>) => Promise<Reply>;
}

const get = (path: () => string) => (headers: Record<string, string>) => send(path(), { headers });
const post = (method: string, params: () => object) => (headers: Record<string, string>) =>
  send(viewer.url + method, { headers: { ...JSON_TYPE, ...headers }, body: JSON.stringify(params()) });

const KINDS: Kind[] = [
  { what: 'a list', ask: get(() => `${viewer.url}im.recent.get`) },
  { what: 'the same with POST', ask: post('im.recent.get', () => ({})) },
  { what: 'a part of it', ask: get(() => `${viewer.url}im.recent.get?LAST_SYNC_DATE=2020-01-01`) },
  { what: 'a part without groups', ask: get(() => `${viewer.url}im.recent.get?SKIP_CHAT=Y`) },
  { what: 'a page of it', ask: get(() => `${viewer.url}im.recent.list?LIMIT=20`) },
  { what: 'a short page of it', ask: get(() => `${viewer.url}im.recent.list?LIMIT=1`) },
  { what: 'people', ask: get(() => `${viewer.url}user.get`) },
  { what: 'XML', ask: get(() => `${viewer.url}im.recent.get.xml`) },
  { what: 'a batch', ask: post('batch', () => ({ cmd: ['im.recent.get', 'user.get', 'im.recent.get', 'im.nope'] })) },
  { what: 'a batch as XML', ask: post('batch.xml', () => ({ cmd: { a: 'im.recent.get', b: 'profile' } })) },
  { what: 'the index of the reference', ask: get(() => `${portal.http}/docs/`) },
  { what: 'the page of a method', ask: get(() => `${portal.http}/docs/im.recent.get`) },
  { what: 'the page of no method', status: 404, ask: get(() => `${portal.http}/docs/im.nope`) },
  { what: 'a script', ask: get(() => `${portal.http}/docs/docs.js`) },
  { what: 'the OpenAPI document', ask: get(() => `${portal.http}/openapi.json`) },
  {
    what: 'tools of the Model Context Protocol',
    ask: (headers) => send(`${portal.http}/mcp`, { headers: { ...JSON_TYPE, accept: 'application/json, text/event-stream', ...headers }, body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' }) }),
  },
];

describe.each(KINDS)('$what', ({ status = 200, ask }) => {
  test.each(CODINGS)('in %s', async (coding) => {
    // The first makes what is kept, the second uses it.
    for (let time = 0; time < 2; time += 1) {
      const [plain, compressed] = [await ask({}), await ask({ 'accept-encoding': coding })];
      expect([plain.status, compressed.status]).toEqual([status, status]);
      expect(compressed.headers).toMatchObject({ 'content-encoding': coding, vary: 'accept-encoding', 'content-type': plain.headers['content-type'] });
      expect(compressed.bytes).toHaveLength(Number(compressed.headers['content-length']));
      expect(compressed.bytes.length).toBeLessThan(plain.bytes.length);
      expect(difference(timeless(decoded(compressed)), timeless(plain.text))).toBeUndefined();
    }
  });

  test.each(['', 'identity', 'deflate', 'gzip;q=0', 'br;q=0, identity;q=0'])('plain for who accepts %j', async (accepted) => {
    const { headers, text } = await ask({ 'accept-encoding': accepted });
    expect(headers['content-encoding']).toBeUndefined();
    expect(headers.vary).toBe('accept-encoding');
    expect(difference(timeless(text), timeless((await ask({})).text))).toBeUndefined();
  });
});

describe('short answers', () => {
  const short: Record<string, () => Promise<Reply>> = {
    'a result': () => send(`${viewer.url}server.time`, { headers: { 'accept-encoding': 'gzip' } }),
    'an error': () => send(`${viewer.url}im.nope`, { headers: { 'accept-encoding': 'gzip' } }),
    'a list of nothing': () => send(`${pageless.url}im.recent.get`, { headers: { 'accept-encoding': 'gzip' } }),
    'a page': () => send(`${portal.http}/healthz`, { headers: { 'accept-encoding': 'gzip' } }),
  };
  test.each(Object.entries(short))('stay plain: %s', async (_what, ask) => {
    const { headers, bytes } = await ask();
    expect(headers['content-encoding']).toBeUndefined();
    expect(bytes.length).toBeLessThan(1024);
  });

  test.each(['server.time', 'im.recent.get', 'im.nope', 'im.nope.xml', 'profile.xml'])('are compressed for who refuses plain ones: %s', async (method) => {
    const reply = await send(pageless.url + method, { headers: { 'accept-encoding': 'gzip, identity;q=0' } });
    expect(reply.headers['content-encoding']).toBe('gzip');
    expect(timeless(decoded(reply))).toBe(timeless((await send(pageless.url + method)).text));
  });
});

test.each([
  ['REST', () => `${viewer.url}im.recent.get`], ['pages', () => `${portal.http}/docs/`],
])('HEAD says what GET would, without a body: %s', async (_where, url) => {
  const headers = { 'accept-encoding': 'br' };
  const [head, got] = [await send(url(), { method: 'HEAD', headers }), await send(url(), { headers })];
  expect(head.bytes).toHaveLength(0);
  expect(head.headers).toMatchObject({ 'content-encoding': 'br', vary: 'accept-encoding' });
  expect(head.headers.etag).toBe(got.headers.etag);
  // Times are not all of the same length.
  expect(Math.abs(Number(head.headers['content-length']) - got.bytes.length)).toBeLessThan(20);
});

describe('answers that hold secrets are never compressed', () => {
  const accept = { 'accept-encoding': 'gzip, br, zstd, identity;q=0' };
  const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

  test('tokens and their errors', async () => {
    const app = await addApp(portal);
    const { refreshToken } = await app.tokens(viewer.userId);
    const params = { grant_type: 'refresh_token', client_id: app.clientId, client_secret: app.clientSecret, refresh_token: refreshToken };
    for (const path of ['/oauth/token', '/oauth/token/', '/rest/oauth/token', '/rest/oauth/token/']) {
      const { status, headers, body } = await send(portal.http + path, { headers: { ...FORM, ...accept }, body: new URLSearchParams(params).toString() });
      expect(headers['content-encoding']).toBeUndefined();
      if (status === 200) expect(body).toMatchObject({ access_token: expect.any(String) });
    }
    const large = await send(`${portal.http}/oauth/token/`, { headers: { ...FORM, ...accept }, body: 'a='.padEnd(400_000, 'x') });
    expect([large.status, large.headers['content-encoding']]).toEqual([413, undefined]);
  });

  test.each(['/oauth/authorize/?client_id=x', '/sign-in/', '/sign-in/?next=/oauth/authorize/'])('the page %s', async (path) => {
    const { headers, bytes } = await send(portal.http + path, { headers: accept });
    expect(headers['content-encoding']).toBeUndefined();
    expect(bytes.length).toBeGreaterThan(1024);
  });
});

describe('while the list changes', () => {
  test('every answer is one list, whole, as it was when its tag was made', async () => {
    const lists = new Map<string, string>();
    let going = true;
    const read = async (coding: string) => {
      let count = 0;
      while (going) {
        const reply = await send(`${viewer.url}im.recent.get`, { headers: { 'accept-encoding': coding } });
        const text = decoded(reply);
        const result = text.slice('{"result":'.length, text.lastIndexOf(',"time":'));
        const { etag = '' } = reply.headers;
        expect((JSON.parse(text) as { result: Row[] }).result).toHaveLength(PEERS);
        expect(difference(result, lists.get(etag) ?? result)).toBeUndefined();
        lists.set(etag, result);
        count += 1;
      }
      return count;
    };
    const readers = [...CODINGS, 'identity'].map(read);
    for (const round of [1, 2, 3]) for (const peer of peers.slice(0, 10)) await say(peer, viewer.userId, { MESSAGE: `${round} ${'x'.repeat(round * 700)}` });
    going = false;
    for (const count of await Promise.all(readers)) expect(count).toBeGreaterThan(3);
    expect(new Set(lists.values()).size).toBe(lists.size);
    expect(lists.size).toBeGreaterThan(3);
  });

  test.each(CODINGS)('the next answer in %s has what was just written', async (coding) => {
    for (const peer of peers.slice(0, 5)) {
      const MESSAGE = `for ${coding}`;
      const written = say(peer, viewer.userId, { MESSAGE });
      const meanwhile = send(`${viewer.url}im.recent.get`, { headers: { 'accept-encoding': coding } });
      await written;
      const { result } = JSON.parse(decoded(await send(`${viewer.url}im.recent.get`, { headers: { 'accept-encoding': coding } }))) as { result: Row[] };
      expect(result[0]!.message.text).toBe(MESSAGE);
      expect(JSON.parse(decoded(await meanwhile))).toMatchObject({ result: expect.any(Array) });
    }
  });
});

const budget = () => {
  const bytesKept = async (http: string) => Number(/^tidemark_kept_lists_bytes (\d+)/m.exec((await send(`${http}/metrics`)).text)![1]);

  test('compressed forms count, once each', async () => {
    const ask = (coding: string) => send(`${viewer.url}im.recent.get`, { headers: { 'accept-encoding': coding } });
    await say(peers[0]!, viewer.userId);
    // A list that is asked for again is put together, which takes less room than its rows did.
    for (let again = 0; again < 2; again++) await ask('identity');
    const before = await bytesKept(portal.http);
    const sizes = new Map<string, number>();
    for (const coding of [...CODINGS, ...CODINGS]) sizes.set(coding, (await ask(coding)).bytes.length);
    const grown = (await bytesKept(portal.http)) - before;
    const sum = [...sizes.values()].reduce((a, b) => a + b, 0);
    // The time at the end of each is not kept.
    expect(grown).toBeLessThan(sum);
    expect(grown).toBeGreaterThan(sum - 400 * CODINGS.length);
  });

  test('where there is room for few lists they make room as well', async () => {
    await using small = await startTestServer({ cacheMb: 0.02 });
    const people: Client[] = [];
    while (people.length < 12) people.push(await small.addUser(`Person ${people.length}`));
    for (const person of people) for (const other of people) await say(person, other.userId);
    for (const coding of CODINGS) {
      for (const person of people) {
        const reply = await send(`${person.url}im.recent.get`, { headers: { 'accept-encoding': coding } });
        expect((JSON.parse(decoded(reply)) as { result: Row[] }).result).toHaveLength(12);
        expect(await bytesKept(small.http)).toBeLessThanOrEqual(0.02 * 1024 * 1024);
      }
    }
  });
};

if (ENGINE === 'sqlite') describe('the budget of kept lists', budget);
