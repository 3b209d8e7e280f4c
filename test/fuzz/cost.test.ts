/**
 * One call of each kind that may be costly, on a portal as large as portals get: none stops the event loop for longer
 * than others may wait, none keeps more memory than one call may.
 */
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dispatch } from '../../src/rest/dispatch.ts';
import type { Client } from '../support/client.ts';
import { CODINGS } from '../support/decoding.ts';
import { send } from '../support/http.ts';
import { type CrowdedPortal, openCrowdedPortal } from './crowded-portal.ts';
import { bestStop, leastKept, LONGEST_STOP_MS } from './stops.ts';

const MOST_KEPT_MB = 64;

let crowded: CrowdedPortal;
beforeAll(async () => {
  crowded = await openCrowdedPortal();
});
afterAll(() => crowded[Symbol.asyncDispose]());

type Who = 'busy' | 'usual' | 'guest' | 'app';
type Params = Record<string, unknown>;
interface Kind {
  what: string;
  who: Who;
  method: string;
  params?: (portal: CrowdedPortal) => Params;
  /** Calls at once. */
  copies?: number;
  error?: string;
}

const times = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));
const commands = (count: number, command: string) => Object.fromEntries(times(count, (i) => [`k${i}`, command]));
const references = (token: string) => `profile?${times(990, () => `a[]=${token}`).join('&')}`;
const json = (text: string) => () => ({ ID: 1, DIALOG_ID: 1, MESSAGE: 'x', ATTACH: text });
const heavyPage = ({ heavy }: CrowdedPortal) => ({ DIALOG_ID: `chat${heavy}`, LIMIT: 50 });

const KINDS: Kind[] = [
  { what: 'a list of ten thousand', who: 'busy', method: 'im.recent.get' },
  { what: 'the same as XML', who: 'busy', method: 'im.recent.get.xml' },
  { what: 'a list that is kept', who: 'usual', method: 'im.recent.get' },
  { what: 'a part of it by date', who: 'usual', method: 'im.recent.get', params: () => ({ LAST_SYNC_DATE: '2020-01-01' }) },
  { what: 'a guest\'s list', who: 'guest', method: 'im.recent.get' },
  { what: 'a page of a guest\'s list', who: 'guest', method: 'im.recent.list', params: () => ({ LIMIT: 200 }) },
  { what: 'a page far down', who: 'busy', method: 'im.recent.list', params: () => ({ LIMIT: 200, OFFSET: 9700 }) },
  { what: 'a page that is filtered', who: 'busy', method: 'im.recent.list', params: () => ({ LIMIT: 200, UNREAD_ONLY: 'Y', CAN_MANAGE_MESSAGES: 'Y', OFFSET: 9000 }) },
  { what: 'counters', who: 'busy', method: 'im.counters.get' },
  { what: 'counters of a guest', who: 'guest', method: 'im.counters.get' },
  { what: 'a thousand users', who: 'busy', method: 'im.user.list.get', params: ({ users }) => ({ ID: users.slice(0, 1000) }) },
  { what: 'ten thousand ids', who: 'busy', method: 'im.user.list.get', params: ({ users }) => ({ ID: users.slice(0, 9990) }), error: 'INVALID_FORMAT' },
  { what: 'a thousand users, for a guest', who: 'guest', method: 'im.user.list.get', params: ({ users }) => ({ ID: users.slice(0, 1000) }) },
  { what: 'names of a thousand rights', who: 'guest', method: 'access.name', params: ({ users }) => ({ ACCESS: users.slice(0, 1000).map((id) => `U${id}`) }) },
  { what: 'ten thousand members', who: 'busy', method: 'im.chat.user.list', params: ({ wide }) => ({ CHAT_ID: wide }) },
  { what: 'the card of a chat of all', who: 'busy', method: 'im.dialog.get', params: ({ wide }) => ({ DIALOG_ID: `chat${wide}` }) },
  { what: 'a message to all', who: 'busy', method: 'im.message.add', params: ({ wide }) => ({ DIALOG_ID: `chat${wide}`, MESSAGE: 'x' }) },
  { what: 'the largest messages', who: 'busy', method: 'im.dialog.messages.get', params: heavyPage },
  { what: 'the largest messages as XML', who: 'busy', method: 'im.dialog.messages.get.xml', params: heavyPage },
  { what: 'the largest messages, twenty times at once', who: 'busy', method: 'im.dialog.messages.get', params: heavyPage, copies: 20 },
  { what: 'a list of ten thousand, ten times at once', who: 'busy', method: 'im.recent.get', copies: 10 },
  { what: 'the largest messages, fifty in a batch', who: 'busy', method: 'batch', params: ({ heavy }) => ({ cmd: commands(50, `im.dialog.messages.get?DIALOG_ID=chat${heavy}&LIMIT=50`) }) },
  { what: 'a list of ten thousand, fifty in a batch', who: 'busy', method: 'batch', params: () => ({ cmd: commands(50, 'im.recent.get') }) },
  { what: 'a kept list, fifty in a batch, as XML', who: 'usual', method: 'batch.xml', params: () => ({ cmd: commands(50, 'im.recent.get') }) },
  { what: 'references to nowhere in all lists', who: 'usual', method: 'batch', params: () => ({ cmd: { ...commands(49, 'im.recent.list?LIMIT=200'), z: references('$result[none]') } }) },
  { what: 'references to whole lists', who: 'usual', method: 'batch', params: () => ({ cmd: { ...commands(1, 'im.recent.list?LIMIT=200'), ...Object.fromEntries(times(48, (i) => [`z${i}`, references('$result[k0]')])) } }) },
  { what: 'the same few keys of long lists', who: 'usual', method: 'batch', params: () => ({ cmd: { ...commands(4, 'im.recent.list?LIMIT=200'), ...Object.fromEntries(times(40, (i) => [`z${i}`, references('$result[k3][items][199][title]')])) } }) },
  { what: 'references that never close', who: 'usual', method: 'batch', params: () => ({ cmd: [`profile?a=${'$result['.repeat(250_000)}`] }) },
  { what: 'references within references', who: 'usual', method: 'batch', params: () => ({ cmd: ['profile', `profile?a=${'$result[0]['.repeat(180_000)}`, `profile?a=$result${'[0]'.repeat(600_000)}`] }) },
  { what: 'a text of two megabytes', who: 'busy', method: 'im.message.add', params: ({ heavy }) => ({ DIALOG_ID: `chat${heavy}`, MESSAGE: '[b]ю'.repeat(400_000) }) },
  { what: 'deep JSON in text', who: 'busy', method: 'im.message.add', params: json('['.repeat(1_900_000)), error: 'PARAMETERS_TOO_DEEP' },
  { what: 'much JSON in text', who: 'busy', method: 'im.message.add', params: json(`[${'{},'.repeat(600_000)}{}]`), error: 'TOO_MANY_PARAMETERS' },
  { what: 'long JSON in text', who: 'busy', method: 'im.message.add', params: json(JSON.stringify([{ MESSAGE: 'x'.repeat(1_900_000) }])), error: 'ATTACH_OVERSIZE' },
  { what: 'large bodies, fifty at once', who: 'busy', method: 'profile', params: () => Object.fromEntries(times(9000, (i) => [`p${i}`, 'x'.repeat(200)])), copies: 50 },
  { what: 'all options', who: 'app', method: 'user.option.get' },
  { what: 'all options, fifty in a batch', who: 'app', method: 'batch', params: () => ({ cmd: commands(50, 'user.option.get') }) },
  { what: 'a test of five hundred handlers', who: 'app', method: 'event.test', params: () => ({ a: 'x'.repeat(16_000) }) },
  { what: 'a long test of five hundred handlers', who: 'app', method: 'event.test', params: () => ({ a: 'x'.repeat(1_900_000) }), error: 'ERROR_ARGUMENT' },
  { what: 'references to long texts, as an option', who: 'app', method: 'batch', params: () => ({ cmd: ['user.option.get', `user.option.set?${times(990, () => 'OPTIONS[x][]=$result[0]').join('&')}`] }) },
  { what: 'references to long texts, as a test', who: 'app', method: 'batch', params: () => ({ cmd: ['user.option.get', `event.test?${times(990, () => 'a[]=$result[0]').join('&')}`] }) },
  { what: 'references to long texts, as an attachment', who: 'busy', method: 'batch', params: ({ heavy }) => ({ cmd: [`im.dialog.messages.get?DIALOG_ID=chat${heavy}&LIMIT=20`, `im.message.add?DIALOG_ID=chat${heavy}&MESSAGE=x&${times(900, () => 'ATTACH[]=$result[0][messages][0]').join('&')}`] }) },
  { what: 'references within names', who: 'busy', method: 'batch', params: () => ({ cmd: ['profile', `profile?${times(900, (i) => `${'$result[0]'.repeat(100)}[${i}]=$result[0]`).join('&')}`] }) },
  { what: 'a reference to all, fifty times', who: 'usual', method: 'batch', params: () => ({ cmd: times(50, () => `profile?${times(990, () => 'a[]=$result[none]').join('&')}`) }) },
  { what: 'people by a thousand parts', who: 'busy', method: 'user.get', params: () => ({ FILTER: { NAME_SEARCH: times(1000, (i) => `a${i}`).join(' ') } }), error: 'ERROR_ARGUMENT' },
  { what: 'people by nine thousand values', who: 'busy', method: 'user.get', params: ({ users }) => ({ FILTER: { ID: users.slice(0, 9000) } }), error: 'ERROR_ARGUMENT' },
  { what: 'people by a megabyte', who: 'busy', method: 'user.get', params: () => ({ FILTER: { '%NAME': '%'.repeat(1_000_000) } }), error: 'ERROR_ARGUMENT' },
  { what: 'people by as many parts as may be', who: 'busy', method: 'user.get', params: () => ({ FILTER: { '%NAME': ['a%b%c', '%a%a%a%', 'e%e'], '!%LAST_NAME': ['%z%z%'] } }) },
  { what: 'people by long patterns', who: 'busy', method: 'user.get', params: () => ({ FILTER: { '%NAME': `${'a%'.repeat(5)}${'a'.repeat(240)}` } }) },
  { what: 'people sorted by three fields', who: 'busy', method: 'user.get', params: () => ({ ORDER: { LAST_NAME: 'ASC', ACTIVE: 'ASC', ID: 'DESC' }, START: 9950 }) },
  { what: 'people sorted and searched, fifty in a batch', who: 'busy', method: 'batch', params: () => ({ cmd: times(50, () => 'user.get?FILTER[NAME_SEARCH]=a&SORT=LAST_NAME&ORDER=ASC&start=9900') }) },
  { what: 'people searched for, thirty times at once', who: 'busy', method: 'user.search', params: () => ({ FILTER: { FIND: 'a' }, SORT: 'NAME', ORDER: 'DESC' }), copies: 30 },
  { what: 'people searched for by a guest', who: 'guest', method: 'user.search', params: () => ({ FILTER: { FIND: 'a b' }, SORT: 'NAME' }) },
  { what: 'ten thousand things to order by', who: 'busy', method: 'user.get', params: () => ({ ORDER: Object.fromEntries(times(9000, (i) => [`F${i}`, 'ASC'])) }), error: 'ERROR_ARGUMENT' },
  { what: 'ten thousand things to select', who: 'busy', method: 'user.get', params: () => ({ SELECT: times(9000, () => 'UF_*') }) },
  { what: 'a chat of a thousand', who: 'busy', method: 'im.chat.add', params: ({ users }) => ({ USERS: users.slice(0, 1000) }) },
  { what: 'chats of a thousand, ten at once', who: 'busy', method: 'im.chat.add', params: ({ users }) => ({ USERS: users.slice(0, 1000) }), copies: 10 },
  { what: 'wide and deep options', who: 'app', method: 'app.option.set', params: () => ({ OPTIONS: Object.fromEntries(times(900, (i) => [`o${i}`, [[[[[[[[]]]]]]]]])) }), error: 'ACCESS_DENIED' },
  { what: 'reading everything', who: 'busy', method: 'im.dialog.read.all' },
];

const bodyOf = ({ params }: Kind) => Buffer.from(JSON.stringify(params?.(crowded) ?? {}));

async function call({ who, method, error }: Kind, body: Buffer): Promise<unknown> {
  const url = new URL((crowded[who] as Client).url + method);
  const request = { path: url.pathname, query: url.search.slice(1), contentType: 'application/json', authorization: undefined, source: '192.0.2.1', origin: crowded.portal.http, body };
  const { response } = await dispatch(crowded.portal.server.context.dispatch, request);
  const head = String(response.body[0]).slice(0, 300);
  if (error === undefined ? response.status !== 200 : !head.includes(`"error":"${error}"`)) throw new Error(`${response.status} ${head}`);
  return response;
}

describe.each(KINDS)('$what', (kind) => {
  const { copies = 1 } = kind;
  /** Of many calls each answer is dropped at once, as if it had been read. */
  const run = (body: Buffer) => (copies === 1 ? call(kind, body) : Promise.all(times(copies, async () => void (await call(kind, body)))));

  test('keeps nobody waiting', async () => {
    const body = bodyOf(kind);
    expect(await bestStop(() => run(body))).toBeLessThan(LONGEST_STOP_MS);
  });

  test('keeps no more memory than it may', async () => {
    // Of large calls only so many go on at a time.
    const limit = MOST_KEPT_MB * Math.min(copies, 4);
    const body = bodyOf(kind);
    expect(await leastKept(limit, () => run(body))).toBeLessThan(limit);
  });
});

describe('over HTTP', () => {
  const JSON_TYPE = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
  const post = async (path: string, body: string, type = JSON_TYPE['content-type']) => {
    const response = await fetch(crowded.portal.http + path, { method: 'POST', body, headers: { ...JSON_TYPE, 'content-type': type } });
    return response.text();
  };
  const rpc = (method: string, params: unknown) => ({ jsonrpc: '2.0', id: 1, method, params });
  const callMethod = (method: string) => {
    const [, , user, code] = new URL(crowded.busy.url).pathname.split('/');
    return JSON.stringify(rpc('tools/call', { name: 'call_method', arguments: { method, webhook: `${user}/${code}` } }));
  };
  const FORM = 'application/x-www-form-urlencoded';

  test.each<[string, () => Promise<string>, string]>([
    ['MCP: two megabytes of deep JSON', () => post('/mcp', '['.repeat(2_000_000)), 'REQUEST_TOO_LARGE'],
    ['MCP: a quarter of a megabyte of values', () => post('/mcp', `[${'{},'.repeat(80_000)}{}]`), 'more than 10000'],
    ['MCP: many messages', () => post('/mcp', JSON.stringify(times(2000, () => rpc('tools/list', {})))), 'more than'],
    ['MCP: as many messages as may be', () => post('/mcp', JSON.stringify(times(20, () => rpc('tools/list', {})))), 'call_method'],
    ['MCP: a hundred such requests at once', async () => (await Promise.all(times(100, () => post('/mcp', JSON.stringify(times(20, () => rpc('tools/list', {}))))))).at(-1)!, 'call_method'],
    ['MCP: a list of ten thousand', () => post('/mcp', callMethod('im.recent.get')), 'ANSWER_TOO_LARGE'],
    ['tokens for two megabytes', () => post('/oauth/token/', 'a[]=1&'.repeat(330_000), FORM), 'REQUEST_TOO_LARGE'],
    ['a sign-in of two megabytes', () => post('/sign-in/', `login=${'%41'.repeat(600_000)}`, FORM), 'REQUEST_TOO_LARGE'],
    ['a form of as many names as may be', () => post('/oauth/token/', times(1000, (i) => `a[${i}][b][c]=1`).join('&'), FORM), 'invalid_request'],
    ['the OpenAPI document', () => fetch(`${crowded.portal.http}/openapi.json`).then((response) => response.text()), '"openapi"'],
    ['the index of the reference', () => fetch(`${crowded.portal.http}/docs/`).then((response) => response.text()), 'im.recent.get'],
  ])('%s', async (_, ask, expected) => {
    let text = '';
    const stop = await bestStop(async () => {
      text = await ask();
    });
    expect(text).toContain(expected);
    expect(stop).toBeLessThan(LONGEST_STOP_MS);
  });

  const listOf = (who: Who, headers: Record<string, string>) => send(`${(crowded[who] as Client).url}im.recent.get`, { headers });

  describe.each(CODINGS)('in %s', (coding) => {
    const accept = { 'accept-encoding': coding };
    test.each<[what: string, ask: () => Promise<unknown>]>([
      ['a list of ten thousand', () => listOf('busy', accept)],
      ['a list that is kept', () => listOf('usual', accept)],
      ['a kept list after a change, ten times at once', async () => {
        await crowded.busy.call('im.message.add', { DIALOG_ID: crowded.usual.userId, MESSAGE: 'x' });
        await Promise.all(times(10, () => listOf('usual', accept)));
      }],
      ['lists of ten thousand in a batch', () => send(`${(crowded.busy as Client).url}batch`, {
        headers: { 'content-type': 'application/json', ...accept }, body: JSON.stringify({ cmd: commands(50, 'im.recent.get') }),
      })],
      ['a megabyte, a hundred times at once', () => Promise.all(times(100, () => send(`${crowded.app.url}user.option.get`, { headers: accept })))],
    ])('%s', async (_what, ask) => {
      const run = async () => void (await ask());
      expect(await bestStop(run)).toBeLessThan(LONGEST_STOP_MS);
      expect(await leastKept(MOST_KEPT_MB, run)).toBeLessThan(MOST_KEPT_MB);
    });
  });

  test.each<Who>(['busy', 'usual'])('a list that the caller has: %s', async (who) => {
    let tag = '"none"';
    const statusOf = async () => {
      const { status, headers } = await listOf(who, { 'if-none-match': tag });
      tag = headers.etag ?? tag;
      return status;
    };
    // That somebody is there is noted once a minute, and changes the list.
    const has = async () => expect((await statusOf()) === 304 || (await statusOf()) === 304).toBe(true);
    await statusOf();
    expect(await bestStop(has)).toBeLessThan(LONGEST_STOP_MS);
  });

  test('three hundred answers of a megabyte at once', async () => {
    const { pathname, search, port } = new URL(`${crowded.app.url}user.option.get`);
    const request = `GET ${pathname}${search} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`;
    const ask = async () => {
      const socket = connect({ port: Number(port), host: '127.0.0.1' });
      let bytes = 0;
      socket.on('data', (chunk) => (bytes += chunk.length));
      socket.write(request);
      await once(socket, 'close');
      expect(bytes).toBeGreaterThan(1_000_000);
    };
    expect(await bestStop(() => Promise.all(times(300, ask)))).toBeLessThan(LONGEST_STOP_MS);
  });

  test('a thousand lists that nobody reads, on ten connections', async () => {
    const { port } = new URL(crowded.portal.http);
    const request = `GET ${new URL(crowded.usual.url).pathname}im.recent.get HTTP/1.1\r\nHost: x\r\n\r\n`;
    const unread = async () => {
      const sockets = await Promise.all(times(10, async () => {
        const socket = connect({ port: Number(port), host: '127.0.0.1' }).pause();
        socket.on('error', () => undefined);
        await once(socket, 'connect');
        socket.write(request.repeat(100));
        return socket;
      }));
      // By the time of these answers the server has begun with all it is going to begin with.
      for (let i = 0; i < 20; i += 1) await crowded.usual.call('profile');
      return sockets;
    };
    const limit = 10 * MOST_KEPT_MB;
    const kept = await leastKept(limit, async () => {
      const sockets = await unread();
      return { [Symbol.dispose]: () => sockets.forEach((socket) => socket.destroy()) };
    });
    // The kept list itself is there once, whoever waits for it.
    expect(kept).toBeLessThan(MOST_KEPT_MB);
  });
});
