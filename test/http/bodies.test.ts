/** How parameters may be sent: JSON, forms, multipart, text, the query, and several of them at once. */
import { Readable } from 'node:stream';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Client } from '../support/client.ts';
import { type Reply, send } from '../support/http.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let portal: TestServer;
let anna: Client;
let boris: Client;
let ca: string;

beforeAll(async () => {
  portal = await startTestServer();
  anna = await portal.addUser('Anna');
  boris = await portal.addUser('Boris');
  ca = readFileSync(portal.ca, 'utf8');
});
afterAll(() => portal[Symbol.asyncDispose]());

interface Sent {
  query?: string;
  type?: string | undefined;
  body?: string | Uint8Array;
}

/** Posts to a method as Anna, over HTTP and HTTPS, and expects the same of both. */
async function post(method: string, { query = '', type, body }: Sent): Promise<Reply> {
  const sending = { method: 'POST', ...(body !== undefined && { body }), headers: type === undefined ? {} : { 'content-type': type } };
  const plain = await send(`${anna.url}${method}${query}`, sending);
  const secure = await send(`${anna.url.replace(portal.http, portal.https)}${method}${query}`, { ...sending, ca });
  const said = ({ status, body }: Reply) => withoutActivity({ status, result: body['result'], error: body['error'] });
  expect(said(secure)).toEqual(said(plain));
  return plain;
}

/** Who calls is written down now and then. */
function withoutActivity(answer: object): unknown {
  return JSON.parse(JSON.stringify(answer, (name, value: unknown) => (name === 'last_activity_date' ? undefined : value)));
}

async function names(sent: Sent): Promise<unknown> {
  const { body } = await post('im.user.list.get', { ...sent, query: `?RESULT_TYPE=array&${sent.query ?? ''}` });
  return (body['result'] as Array<{ first_name: string }> | undefined)?.map((user) => user.first_name).sort() ?? body['error'];
}

const JSON_TYPE = 'application/json';
const FORM = 'application/x-www-form-urlencoded';

function multipart(fields: Record<string, string>): { type: string; body: string } {
  const parts = Object.entries(fields).map(([name, value]) => `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`);
  return { type: 'multipart/form-data; boundary=b', body: `${parts.join('')}--b--\r\n` };
}

/** A text as editors and PowerShell write it. */
const MARKED: Record<string, (text: string) => Buffer> = {
  'UTF-8': (text) => Buffer.from(`\ufeff${text}`),
  'UTF-16LE': (text) => Buffer.from(`\ufeff${text}`, 'utf16le'),
  'UTF-16BE': (text) => Buffer.from(`\ufeff${text}`, 'utf16le').swap16(),
};

describe('a list of ids', () => {
  const both = ['Anna', 'Boris'];
  const list = () => `[${anna.userId},${boris.userId}]`;
  const ways: Record<string, () => Sent> = {
    JSON: () => ({ type: JSON_TYPE, body: `{"ID":${list()}}` }),
    'JSON with a charset': () => ({ type: 'application/json; charset=UTF-8', body: `{"ID":${list()}}` }),
    'JSON by another spelling of its name': () => ({ type: 'Application/JSON ;charset=utf-8', body: `{"id":${list()}}` }),
    'JSON with the list as a text': () => ({ type: JSON_TYPE, body: `{"ID":"${list()}"}` }),
    'JSON with texts': () => ({ type: JSON_TYPE, body: `{"Id":["${anna.userId}","${boris.userId}"]}` }),
    'JSON with a map': () => ({ type: JSON_TYPE, body: `{"ID":{"0":${anna.userId},"5":${boris.userId}}}` }),
    ...Object.fromEntries(
      Object.entries(MARKED).flatMap(([encoding, encode]) => [
        [`JSON with the mark of ${encoding}`, () => ({ type: JSON_TYPE, body: encode(`{"ID":${list()}}`) })],
        [`a form with the mark of ${encoding}`, () => ({ type: FORM, body: encode(`ID[]=${anna.userId}&ID[]=${boris.userId}`) })],
        [`multipart with the mark of ${encoding}`, () => {
          const { type, body } = multipart({ 'ID[0]': String(anna.userId), 'ID[1]': String(boris.userId) });
          return { type, body: encode(body) };
        }],
        [`nothing but the mark of ${encoding}`, () => ({ type: JSON_TYPE, body: encode(''), query: `ID[]=${anna.userId}&ID[]=${boris.userId}` })],
      ]),
    ),
    'a form': () => ({ type: FORM, body: `ID[]=${anna.userId}&ID[]=${boris.userId}` }),
    'a form with encoded brackets': () => ({ type: FORM, body: `ID%5B0%5D=${anna.userId}&ID%5B1%5D=${boris.userId}` }),
    'a form with odd keys': () => ({ type: `${FORM}; charset=UTF-8`, body: `ID[3]=${anna.userId}&ID[x]=${boris.userId}` }),
    'a form with the list as a text': () => ({ type: FORM, body: `ID=${encodeURIComponent(list())}` }),
    multipart: () => multipart({ 'ID[0]': String(anna.userId), 'ID[1]': String(boris.userId) }),
    'text/plain': () => ({ type: 'text/plain;charset=UTF-8', body: `ID[0]=${anna.userId}&ID[1]=${boris.userId}` }),
    'no content type': () => ({ body: `ID[]=${anna.userId}&ID[]=${boris.userId}` }),
    'an empty content type': () => ({ type: '', body: `ID[]=${anna.userId}&ID[]=${boris.userId}` }),
    'a content type that is none': () => ({ type: 'nonsense', body: `ID[]=${anna.userId}&ID[]=${boris.userId}` }),
    'JSON with a dangling semicolon': () => ({ type: 'application/json;', body: `{"ID":${list()}}` }),
    'JSON with half a charset': () => ({ type: 'application/json; charset', body: `{"ID":${list()}}` }),
    'JSON with two charsets': () => ({ type: 'application/json; charset=utf-8; charset=utf-8', body: `{"ID":${list()}}` }),
    'a form with an odd parameter': () => ({ type: `${FORM}; ???`, body: `ID[]=${anna.userId}&ID[]=${boris.userId}` }),
    'a type that nobody knows': () => ({ type: 'application/vnd.x+json', body: `ID[]=${anna.userId}&ID[]=${boris.userId}` }),
    'the query, with a body that is empty': () => ({ query: `ID[]=${anna.userId}&ID[]=${boris.userId}`, type: JSON_TYPE, body: '' }),
    'the query, with an empty JSON list': () => ({ query: `ID[]=${anna.userId}&ID[]=${boris.userId}`, type: JSON_TYPE, body: '[]' }),
    'the query, with an empty JSON map': () => ({ query: `ID[]=${anna.userId}&ID[]=${boris.userId}`, type: JSON_TYPE, body: ' {} ' }),
    'the query, with a JSON root without names': () => ({ query: `ID[]=${anna.userId}&ID[]=${boris.userId}`, type: JSON_TYPE, body: 'null' }),
  };

  test.each(Object.entries(ways))('as %s', async (_way, sent) => expect(await names(sent())).toEqual(both));

  test('a GET with a body reads the query alone', async () => {
    const reply = await send(
      `${anna.url}im.user.get?ID=${boris.userId}`, { method: 'GET', body: `{"ID":${anna.userId}}`, headers: { 'content-type': JSON_TYPE } }
    );
    expect(reply).toMatchObject({ status: 200, body: { result: { id: boris.userId } } });
  });
});

describe('several sources', () => {
  test('a parameter of the body replaces that of the query, whole', async () => {
    const query = `ID[]=${anna.userId}&ID[]=1`;
    expect(await names({ query, type: JSON_TYPE, body: `{"ID":[${boris.userId}]}` })).toEqual(['Boris']);
    expect(await names({ query, type: FORM, body: `ID[]=${boris.userId}` })).toEqual(['Boris']);
    expect(await names({ query, ...multipart({ 'ID[]': String(boris.userId) }) })).toEqual(['Boris']);
  });

  test('the others of the query stay', async () => {
    const reply = await post('im.user.list.get', { query: `?RESULT_TYPE=array`, type: JSON_TYPE, body: `{"ID":[${boris.userId}]}` });
    expect(reply.body['result']).toMatchObject([{ id: boris.userId }]);
  });

  test('telemetry and unknown parameters are ignored, wherever they come', async () => {
    const query = '?bx24_request_id=093d0956&bx24_sdk_ver=2.2.0&bx24_sdk_type=b24-js-sdk&logTag=x&LAST_ID=5&LIMIT=1&whatever[x]=1';
    for (const body of ['{"bx24_request_id":{"a":1},"LIMIT":"x","LAST_ID":null,"constructor":[]}', '{}', '[]', '[1,2,{"a":"b"}]']) {
      expect(await post('im.recent.get', { query, type: JSON_TYPE, body })).toMatchObject({ status: 200, body: { result: [] } });
    }
    expect((await post('user.get', { query: '?bx24_request_id=1&bx24_sdk_ver=2&bx24_sdk_type=x&logTag=y' })).body['total']).toBe(3);
  });

  test('names are the same in any case; of two spellings the later counts', async () => {
    expect(await post('im.user.get', { type: JSON_TYPE, body: `{"id":1,"Id":${boris.userId}}` })).toMatchObject({
      body: { result: { id: boris.userId } },
    });
    expect(await post('im.user.get', { type: FORM, body: `ID=${boris.userId}&id=1` })).toMatchObject({ body: { result: { id: 1 } } });
  });

  test('of equal names in a form the last counts', async () => {
    expect(await post('im.user.get', { type: FORM, body: `ID=1&ID=${boris.userId}` })).toMatchObject({ body: { result: { id: boris.userId } } });
  });
});

describe('flags', () => {
  const SET = ['"Y"', '"y"', '1', '"1"', 'true', '"true"', '"True"', '"TRUE"'];
  const NOT_SET = ['"N"', '"n"', '0', '"0"', 'false', '"false"', '"False"', '""', 'null'];

  test.each(SET)('%s is set', async (value) => {
    expect((await post('scope', { type: JSON_TYPE, body: `{"FULL":${value}}` })).body['result']).toContain('im');
    const form = `ONLY_COPILOT=${value.replaceAll('"', '')}`;
    expect((await post('im.recent.list', { type: FORM, body: form })).body).toMatchObject({ result: { items: [] } });
  });

  test('every spelling filters, and none of the others does', async () => {
    await anna.call('im.chat.add', { TITLE: 'Group' });
    const rows = async (value: string) => ((await post('im.recent.get', { type: JSON_TYPE, body: `{"SKIP_CHAT":${value}}` })).body['result'] as unknown[]).length;
    for (const value of SET) expect(await rows(value)).toBe(0);
    for (const value of NOT_SET) expect(await rows(value)).toBe(1);
  });
});

describe('what cannot be read', () => {
  const LIMIT = 2 * 1024 * 1024;
  const deep = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);
  const CASES: Record<string, { sent: Sent; status: number; error: string; text: RegExp }> = {
    'a body over the limit': {
      sent: { type: JSON_TYPE, body: `{"X":"${'a'.repeat(LIMIT)}"}` }, status: 413, error: 'REQUEST_TOO_LARGE', text: /2097152/,
    },
    'a form over the limit': { sent: { type: FORM, body: `X=${'a'.repeat(LIMIT)}` }, status: 413, error: 'REQUEST_TOO_LARGE', text: /2097152/ },
    'JSON that ends too early': { sent: { type: JSON_TYPE, body: '{"A":1' }, status: 400, error: 'INVALID_JSON', text: /not valid JSON/ },
    'JSON that is none': { sent: { type: JSON_TYPE, body: 'SKIP_CHAT=Y' }, status: 400, error: 'INVALID_JSON', text: /unexpected character/ },
    'JSON with single quotes': { sent: { type: JSON_TYPE, body: `{'A':1}` }, status: 400, error: 'INVALID_JSON', text: /position 1/ },
    'two marks': { sent: { type: JSON_TYPE, body: '\ufeff\ufeff{}' }, status: 400, error: 'INVALID_JSON', text: /unexpected character/ },
    'UTF-16 with half a character': {
      sent: { type: JSON_TYPE, body: Buffer.from('\ufeff{"A":"\ud83d"}', 'utf16le') }, status: 400, error: 'WRONG_ENCODING', text: /UTF-8/,
    },
    'JSON in another encoding': {
      sent: { type: JSON_TYPE, body: Buffer.from('{"A":1}', 'utf16le') }, status: 400, error: 'INVALID_JSON', text: /position/,
    },
    'JSON too deep': { sent: { type: JSON_TYPE, body: `{"A":${deep(64)}}` }, status: 400, error: 'PARAMETERS_TOO_DEEP', text: /64/ },
    'JSON so deep that a parser breaks': { sent: { type: JSON_TYPE, body: deep(500_000) }, status: 400, error: 'PARAMETERS_TOO_DEEP', text: /64/ },
    'JSON with too many values': {
      sent: { type: JSON_TYPE, body: `{"A":[${'1,'.repeat(10_000)}1]}` }, status: 400, error: 'TOO_MANY_PARAMETERS', text: /10000/,
    },
    'a form too deep': { sent: { type: FORM, body: `A${'[x]'.repeat(65)}=1` }, status: 400, error: 'PARAMETERS_TOO_DEEP', text: /64/ },
    'a form with too many parameters': { sent: { type: FORM, body: 'a=1&'.repeat(1001) }, status: 400, error: 'TOO_MANY_PARAMETERS', text: /1000/ },
    'a query with too many parameters': { sent: { query: `?${'a&'.repeat(1001)}` }, status: 400, error: 'TOO_MANY_PARAMETERS', text: /1000/ },
    'multipart with too many parts': {
      sent: multipart(Object.fromEntries(Array.from({ length: 1001 }, (_, i) => [`a${i}`, '']))), status: 400, error: 'TOO_MANY_PARAMETERS',
      text: /1000/,
    },
    'multipart without a boundary': { sent: { type: 'multipart/form-data', body: 'x' }, status: 400, error: 'INVALID_MULTIPART', text: /boundary/ },
    'multipart that ends too early': {
      sent: { ...multipart({ a: 'b' }), body: '--b\r\nContent-Disp' }, status: 400, error: 'INVALID_MULTIPART', text: /multipart/,
    },
    'a query that is not UTF-8': { sent: { query: '?NAME=%FF' }, status: 400, error: 'WRONG_ENCODING', text: /'NAME'/ },
  };

  test.each(Object.entries(CASES))('%s', async (_what, { sent, status, error, text }) => {
    const reply = await post('im.recent.get', sent);
    expect(reply).toMatchObject({ status, body: { error, error_description: expect.stringMatching(text) } });
    expect(reply.headers).toMatchObject({ 'content-type': 'application/json; charset=utf-8', 'access-control-allow-origin': '*' });
    expect(reply.text.length).toBeLessThan(300);
  });

  test('the greatest depth and number that are allowed', async () => {
    expect((await post('im.recent.get', { type: JSON_TYPE, body: `{"A":${deep(63)}}` })).status).toBe(200);
    expect((await post('im.recent.get', { type: JSON_TYPE, body: `{"A":[${'1,'.repeat(9990)}1]}` })).status).toBe(200);
    expect((await post('im.recent.get', { type: FORM, body: `A${'[x]'.repeat(64)}=1` })).status).toBe(200);
    expect((await post('im.recent.get', { type: FORM, body: 'a=1&'.repeat(1000) })).status).toBe(200);
    expect((await post('im.recent.get', { type: FORM, body: `X=${'a'.repeat(LIMIT - 2)}` })).status).toBe(200);
  });

  test('a body in chunks over the limit, whose length nobody said', async () => {
    const body = Readable.toWeb(Readable.from(chunks(LIMIT + 65_536))) as ReadableStream;
    const response = await fetch(`${anna.url}im.recent.get`, { method: 'POST', body, duplex: 'half', headers: { 'content-type': JSON_TYPE } } as RequestInit).catch((error: Error) => error);
    // The server may close the connection while the client is still sending.
    if (response instanceof Response) expect({ status: response.status, body: await response.json() }).toMatchObject({
      status: 413, body: { error: 'REQUEST_TOO_LARGE' },
    });
  });

  test('is said only to those who may call', async () => {
    for (const [url, status] of [[`${portal.http}/rest/im.recent.get`, 401], [`${portal.http}/rest/2/wrong/im.recent.get`, 401], [`${anna.url}im.nope`, 404]] as const) {
      expect((await send(url, { body: '{', headers: { 'content-type': JSON_TYPE } })).status).toBe(status);
    }
  });
});

function* chunks(total: number): Generator<Buffer> {
  for (let sent = 0; sent < total; sent += 65_536) yield Buffer.alloc(65_536, 0x20);
}
