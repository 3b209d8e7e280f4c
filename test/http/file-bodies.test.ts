/** Files that come as text in a request: however long, and however the request is written. */
import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Client } from '../support/client.ts';
import { base64, fetchBytes, type Sent, sendFile } from '../support/files.ts';
import { runs } from '../support/runs.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let portal: TestServer;
let anna: Client;
let chat: number;

beforeAll(async () => {
  portal = await startTestServer();
  anna = await portal.addUser('Anna');
  chat = await anna.call<number>('im.chat.add', { TITLE: 'Files' });
});
afterAll(() => portal[Symbol.asyncDispose]());

const LONG = randomBytes(3_000_000);
const TEXT = base64(LONG);
const url = () => `${anna.url}im.v2.File.upload`;

async function post(body: RequestInit['body'], type?: string): Promise<Sent> {
  const answer = await fetch(url(), { method: 'POST', body: body!, duplex: 'half', ...(type !== undefined && { headers: { 'content-type': type } }) });
  const { result, ...rest } = (await answer.json()) as { result: Sent };
  if (!result) throw new Error(JSON.stringify(rest));
  return result;
}

const json = (text: string) => JSON.stringify({ dialogId: `chat${chat}`, fields: { message: 'a "quoted" \\ text', name: 'long.bin', content: text } });

function multipart(content: string | Blob): FormData {
  const form = new FormData();
  form.set('dialogId', `chat${chat}`);
  form.set('fields[name]', 'long.bin');
  if (typeof content === 'string') form.set('fields[content]', content);
  else form.set('fields[content]', content, 'ignored.bin');
  form.set('fields[message]', 'after the file');
  return form;
}

/** Sends the body in pieces without saying how long it is. */
function chunked(text: string): ReadableStream {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= text.length) return controller.close();
      controller.enqueue(Buffer.from(text.slice(at, at + 100_001)));
      at += 100_001;
    },
  });
}

const WAYS: Record<string, () => Promise<Sent>> = {
  JSON: () => post(json(TEXT), 'application/json'),
  'JSON as PHP writes it': () => post(json(TEXT).replaceAll('/', '\\/'), 'application/json'),
  'JSON with escapes everywhere': () => post(json(TEXT).replaceAll('+', '\\u002b').replaceAll('/', '\\u002F'), 'application/json; charset=utf-8'),
  'JSON with line ends in the text': () => post(json(TEXT.replaceAll(/.{76}/g, '$&\r\n')), 'application/json'),
  'JSON without a length': () => post(chunked(json(TEXT)), 'application/json'),
  'a form': () => post(new URLSearchParams({ dialogId: `chat${chat}`, 'fields[name]': 'long.bin', 'fields[content]': TEXT, 'fields[message]': 'after' })),
  'multipart, as a text': () => post(multipart(TEXT)),
  'multipart, as a file': () => post(multipart(new Blob([LONG]))),
};

test.each(Object.entries(WAYS))('%s', async (_way, send) => {
  const { file } = await send();
  expect(file).toMatchObject({ name: 'long.bin', size: LONG.length });
  expect((await fetchBytes(file.urlDownload)).equals(LONG)).toBe(true);
});

test('through a token in the body, which comes last', async () => {
  const body = JSON.stringify({ dialogId: `chat${chat}`, fields: { name: 'long.bin', content: TEXT }, auth: 'wrong' });
  const answer = await fetch(`${portal.http}/rest/im.v2.File.upload.json`, { method: 'POST', body, headers: { 'content-type': 'application/json' } });
  expect([answer.status, await answer.json()]).toMatchObject([401, { error: 'invalid_token' }]);
});

const leftovers = () => ['files/incoming', 'spool'].flatMap((folder) => readdirSync(join(portal.folder, folder)));
const kept = async () => {
  const names: string[] = [];
  for await (const { name } of portal.server.context.blobs.list()) names.push(name);
  return names.sort();
};

describe('leaves nothing', () => {
  test.each([
    ['with a character that is none at its end', `${TEXT}*`], ['that goes on after its end', `${base64(randomBytes(400_000))}=${TEXT}`], ['with a blank, which was a plus', `${TEXT} A`],
    ['that breaks off', `${'A'.repeat(2_800_001)}`],
  ])('base64 %s', async (_what, text) => {
    const before = await kept();
    expect(await anna.fails('im.v2.File.upload', { dialogId: `chat${chat}`, fields: { name: 'a', content: text } })).toMatchObject({ status: 400, error: 'FILE_INVALID_CONTENT' });
    expect([await kept(), leftovers()]).toEqual([before, []]);
  });

  test('what is cut off in the middle', async () => {
    const before = await kept();
    const text = json(TEXT);
    const request = http.request(url(), { method: 'POST', headers: { 'content-type': 'application/json', 'content-length': text.length } });
    request.on('error', () => undefined);
    await new Promise<void>((resolve) => request.write(text.slice(0, 3_500_000), () => resolve()));
    request.destroy();
    await sendFile(anna, `chat${chat}`, 'next.txt', 'next');
    await vi.waitFor(async () => expect(leftovers()).toEqual([]));
    expect((await kept()).length).toBe(before.length + 1);
  });
});

test('what is announced to be too long is refused unread', async () => {
  const request = http.request(url(), { method: 'POST', headers: { 'content-type': 'application/json', 'content-length': 400_000_000 } });
  request.on('error', () => undefined);
  request.flushHeaders();
  const status = await new Promise((resolve) => request.on('response', (answer) => resolve(answer.statusCode)));
  request.destroy();
  expect(status).toBe(413);
});

test('from somebody whom the address names wrongly little is taken', async () => {
  const request = http.request(`${portal.http}/rest/1/wrong/im.v2.File.upload`, { method: 'POST', headers: { 'content-type': 'application/json', 'content-length': 100_000_000 } });
  request.on('error', () => undefined);
  request.flushHeaders();
  const status = await new Promise((resolve) => request.on('response', (answer) => resolve(answer.statusCode)));
  request.destroy();
  expect([status, leftovers()]).toEqual([401, []]);
});

test('other methods take no more than before', async () => {
  const answer = await fetch(`${anna.url}im.message.add`, { method: 'POST', body: JSON.stringify({ DIALOG_ID: `chat${chat}`, MESSAGE: TEXT }), headers: { 'content-type': 'application/json' } });
  expect(answer.status).toBe(413);
});

test('a text beside the file that is as long as one is refused by name', async () => {
  const params = { dialogId: `chat${chat}`, fields: { name: 'a', content: TEXT, message: TEXT } };
  expect(await anna.fails('im.v2.File.upload', params)).toMatchObject({ error: 'ERROR_ARGUMENT', argument: 'FIELDS' });
});

test('any bytes under any name come back as they were', async () => {
  const extension = fc.constantFrom('png', 'jpg', 'gif', 'webp', 'svg', 'html', 'pdf', 'mp4', 'mp3', 'zip', 'txt', 'exe', 'js', 'xml', '', 'ÄÖÜ', '日本');
  const content = fc.uint8Array({ minLength: 1, maxLength: 1000 });
  await fc.assert(
    fc.asyncProperty(content, extension, async (bytes, end) => {
      const { file } = await sendFile(anna, `chat${chat}`, `some file.${end}`, bytes);
      expect(file).toMatchObject({ size: bytes.length, name: `some file.${end}` });
      expect((await fetchBytes(file.urlDownload)).equals(bytes)).toBe(true);
    }),
    { numRuns: runs(60) },
  );
});
