/** Files that are sent to an address, of any size: `disk.folder.uploadFile` gives it, `upload` takes them. */
import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { SETTING_KEYS } from '../../src/portal/settings.ts';
import { writeSetting } from '../../src/db/stores/portal-store.ts';
import type { Client } from '../support/client.ts';
import { fetchBytes, postFile } from '../support/files.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let portal: TestServer;
let anna: Client;
let folder: number;

beforeAll(async () => {
  portal = await startTestServer();
  anna = await portal.addUser('Anna');
  const chat = await anna.call<number>('im.chat.add', { TITLE: 'Files' });
  folder = (await anna.call<{ ID: number }>('im.disk.folder.get', { CHAT_ID: chat })).ID;
});
afterAll(() => portal[Symbol.asyncDispose]());

const address = async (params = {}) => (await anna.call<{ uploadUrl: string }>('disk.folder.uploadFile', { id: folder, ...params })).uploadUrl;
const kept = async () => {
  const names: string[] = [];
  for await (const { name } of portal.server.context.blobs.list()) names.push(name);
  return names.sort();
};
const incoming = () => readdirSync(join(portal.folder, 'files', 'incoming'));
const names = async () => (await anna.call<Array<{ NAME: string }>>('disk.folder.getChildren', { id: folder })).map(({ NAME }) => NAME);

test('a file that is longer than any body comes through as it was', async () => {
  const bytes = randomBytes(5_000_000);
  const { status, body } = await postFile(await address(), 'large.bin', bytes);
  expect([status, body]).toMatchObject([200, { result: { NAME: 'large.bin', SIZE: '5000000', TYPE: 'file', PARENT_ID: String(folder) }, time: { duration: expect.any(Number) } }]);
  const { DOWNLOAD_URL } = body.result as unknown as { DOWNLOAD_URL: string };
  expect((await fetchBytes(DOWNLOAD_URL)).equals(bytes)).toBe(true);
});

test('an empty file is one', async () => {
  expect(await postFile(await address(), 'empty.txt', Buffer.alloc(0))).toMatchObject({ status: 200, body: { result: { SIZE: '0' } } });
});

test('the same content lies there once', async () => {
  const bytes = randomBytes(1000);
  const before = (await kept()).length;
  for (const name of ['once.bin', 'twice.bin']) expect((await postFile(await address(), name, bytes)).status).toBe(200);
  expect((await kept()).length).toBe(before + 1);
});

test('a name that is taken is refused, or gets a number', async () => {
  for (const expected of ['taken (1).txt', 'taken (2).txt']) {
    await postFile(await address(), 'taken.txt', Buffer.from('a'));
    expect(await postFile(await address(), 'taken.txt', Buffer.from('b'))).toMatchObject({ status: 400, body: { error: 'DISK_OBJ_22000' } });
    expect((await postFile(await address({ generateUniqueName: 'Y' }), 'taken.txt', Buffer.from('b'))).body.result).toMatchObject({ NAME: expected });
  }
});

test('many of the same name at once all get one of their own', async () => {
  const uploadUrl = await address({ generateUniqueName: true });
  const answers = await Promise.all(Array.from({ length: 30 }, (_, at) => postFile(uploadUrl, 'many.txt', Buffer.from(`${at}`))));
  expect(new Set(answers.map(({ body }) => body.result!.NAME)).size).toBe(30);
});

describe('an address', () => {
  const spoiled: Record<string, (url: string) => string> = {
    'without its token': (url) => url.split('?')[0]!,
    'of another folder': (url) => url.replace(/%7C([^%]+)%7C/, (_, text: string) => `%7C${Buffer.from(Buffer.from(text, 'base64url').toString().replace(/ \d+/, ' 2')).toString('base64url')}%7C`),
    'with another signature': (url) => `${url.slice(0, -1)}${url.endsWith('A') ? 'B' : 'A'}`,
    'that never was one': (url) => `${url.split('?')[0]!}?token=im%7Cx%7Cy`,
  };
  test.each(Object.entries(spoiled))('%s takes nothing', async (_what, spoil) => {
    const before = await names();
    const answer = await postFile(spoil(await address()), 'no.txt', Buffer.from('no'));
    expect(answer).toMatchObject({ status: expect.toSatisfy((status: number) => status === 403 || status === 401), body: { error: expect.stringMatching(/ACCESS_DENIED|NO_AUTH_FOUND/) } });
    expect(await names()).toEqual(before);
  });

  test('to fetch a file takes none', async () => {
    const { body } = await postFile(await address({ generateUniqueName: true }), 'a.txt', Buffer.from('a'));
    const { DOWNLOAD_URL } = body.result as unknown as { DOWNLOAD_URL: string };
    expect(await postFile(DOWNLOAD_URL.replace('download.json', 'upload.json'), 'b.txt', Buffer.from('b'))).toMatchObject({ status: 403, body: { error: 'ACCESS_DENIED' } });
    expect((await fetch((await address()).replace('upload.json', 'download.json'))).status).toBe(403);
  });

  test('ends after an hour', async () => {
    const uploadUrl = await address();
    portal.clock.advance(3_601_000);
    expect(await postFile(uploadUrl, 'late.txt', Buffer.from('late'))).toMatchObject({ status: 403, body: { error: 'ACCESS_DENIED' } });
  });
});

test.each([
  ['in another field', (form: FormData) => form.set('other', new Blob(['x']), 'x.txt')],
  ['that is no file', (form: FormData) => form.set('file', 'text')],
  ['without a name', (form: FormData) => form.set('file', new Blob(['x']), '')],
])('a form with something %s is refused', async (_what, fill) => {
  const form = new FormData();
  fill(form);
  const answer = await fetch(await address(), { method: 'POST', body: form });
  expect([answer.status, await answer.json()]).toMatchObject([400, { error: 'INVALID_MULTIPART' }]);
});

test('what is no form is refused', async () => {
  const answer = await fetch(await address(), { method: 'POST', body: 'x' });
  expect([answer.status, await answer.json()]).toMatchObject([400, { error: 'INVALID_MULTIPART' }]);
});

const HEAD = '--b\r\nContent-Disposition: form-data; name="file"; filename="cut.bin"\r\n\r\n';

/** Begins an upload, and gives what to write the rest of it with. */
async function begin(): Promise<http.ClientRequest> {
  const request = http.request(await address(), { method: 'POST', headers: { 'content-type': 'multipart/form-data; boundary=b', 'transfer-encoding': 'chunked' } });
  request.on('error', () => undefined);
  await new Promise<void>((resolve) => request.write(HEAD + 'x'.repeat(1_000_000), () => resolve()));
  await vi.waitFor(() => expect(incoming().length).toBe(1));
  return request;
}

describe('leaves nothing', () => {
  test('what is cut off in the middle', async () => {
    const before = [await kept(), await names()];
    (await begin()).destroy();
    await vi.waitFor(() => expect(incoming()).toEqual([]));
    expect([await kept(), await names()]).toEqual(before);
  });

  test('what ends before its form does', async () => {
    const before = [await kept(), await names()];
    const request = await begin();
    request.end();
    const status = await new Promise((resolve) => request.on('response', (answer) => resolve(answer.statusCode)));
    expect(status).toBe(400);
    await vi.waitFor(() => expect(incoming()).toEqual([]));
    expect([await kept(), await names()]).toEqual(before);
  });

  test('what is larger than a file may be: it is told in the middle', async () => {
    await portal.server.context.db.write((s) => writeSetting(s, SETTING_KEYS.fileLimit, '2'));
    const before = [await kept(), await names()];
    const request = await begin();
    const answered = new Promise((resolve) => request.on('response', (answer) => resolve(answer.statusCode)));
    request.write('x'.repeat(3_000_000));
    expect(await answered).toBe(400);
    request.destroy();
    await vi.waitFor(() => expect(incoming()).toEqual([]));
    expect([await kept(), await names()]).toEqual(before);
    await portal.server.context.db.write((s) => writeSetting(s, SETTING_KEYS.fileLimit, ''));
  });

  test('what was under way when the server ended', async () => {
    await portal.restart(async () => {
      const { mkdirSync, writeFileSync } = await import('node:fs');
      for (const at of ['files/incoming', 'spool']) {
        mkdirSync(join(portal.folder, at), { recursive: true });
        writeFileSync(join(portal.folder, at, 'left'), 'half');
      }
    });
    expect([incoming(), readdirSync(join(portal.folder, 'spool'))]).toEqual([[], []]);
  });
});
