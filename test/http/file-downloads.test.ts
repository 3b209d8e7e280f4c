/** Files at their addresses: whole and in parts, for as long as may be, and never as part of a page. */
import { createHash, randomBytes } from 'node:crypto';
import { truncateSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Client } from '../support/client.ts';
import { fetchBytes, type Sent, sendFile } from '../support/files.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let portal: TestServer;
let anna: Client;
let boris: Client;
let chat: number;
let sent: Sent;
const bytes = randomBytes(100_000);

beforeAll(async () => {
  portal = await startTestServer();
  [anna, boris] = [await portal.addUser('Anna'), await portal.addUser('Boris')];
  chat = await anna.call<number>('im.chat.add', { TITLE: 'Files', USERS: [boris.userId] });
  sent = await sendFile(anna, `chat${chat}`, 'Über "uns" 100%.bin', bytes);
});
afterAll(() => portal[Symbol.asyncDispose]());

const get = (headers: Record<string, string> = {}, method = 'GET') => fetch(sent.file.urlDownload, { method, headers });

describe('a part of a file', () => {
  const PARTS: Array<[range: string, first: number, last: number]> = [
    ['bytes=0-0', 0, 0], ['bytes=0-99999', 0, 99_999], ['bytes=99999-', 99_999, 99_999], ['bytes=500-', 500, 99_999], ['bytes=-1', 99_999, 99_999], ['bytes=-500', 99_500, 99_999],
    ['bytes=-200000', 0, 99_999], ['bytes=10-2000000', 10, 99_999], [' bytes=7-9 ', 7, 9],
  ];
  test.each(PARTS)('%s', async (range, first, last) => {
    const answer = await get({ range });
    expect([answer.status, answer.headers.get('content-range'), answer.headers.get('content-length')]).toEqual([206, `bytes ${first}-${last}/100000`, String(last - first + 1)]);
    expect(Buffer.from(await answer.arrayBuffer()).equals(bytes.subarray(first, last + 1))).toBe(true);
  });

  test.each(['bytes=100000-', 'bytes=200000-300000', 'bytes=-0'])('%s is none', async (range) => {
    const answer = await get({ range });
    expect([answer.status, answer.headers.get('content-range')]).toEqual([416, 'bytes */100000']);
  });

  test.each(['bytes=5-1', 'bytes=0-1,5-6', 'bytes=-', 'bytes=a-b', 'items=0-1', 'bytes=99999999999999999-'])('%s asks for all of it', async (range) => {
    const answer = await get({ range });
    expect(answer.status).toBe(200);
    expect((await answer.arrayBuffer()).byteLength).toBe(100_000);
  });

  test('of the file as it was known', async () => {
    const etag = (await get({}, 'HEAD')).headers.get('etag')!;
    expect((await get({ range: 'bytes=0-1', 'if-range': etag })).status).toBe(206);
    expect((await get({ range: 'bytes=0-1', 'if-range': '"other"' })).status).toBe(200);
  });
});

test('whoever has it gets none, and whoever asks about it none of its bytes', async () => {
  const head = await get({}, 'HEAD');
  expect([head.status, head.headers.get('content-length'), (await head.arrayBuffer()).byteLength]).toEqual([200, '100000', 0]);
  expect((await get({ 'if-none-match': head.headers.get('etag')! })).status).toBe(304);
  expect((await get({ 'if-none-match': '"other"' })).status).toBe(200);
});

test('it is for keeping, under its own name', async () => {
  const { headers } = await get();
  expect(Object.fromEntries(headers)).toMatchObject({
    'content-type': 'application/octet-stream', 'x-content-type-options': 'nosniff', 'content-security-policy': "sandbox; default-src 'none'", 'accept-ranges': 'bytes',
    'content-disposition': `attachment; filename="_ber _uns_ 100_.bin"; filename*=UTF-8''%C3%9Cber%20%22uns%22%20100%25.bin`, 'cache-control': 'private, no-cache', 'referrer-policy': 'no-referrer',
  });
});

test.each(['page.html', 'page.svg', 'page.xml', 'page.js', 'page.pdf'])('%s is not shown, nor taken for what it says it is', async (name) => {
  const { file } = await sendFile(anna, `chat${chat}`, name, '<script>alert(1)</script>');
  for (const url of [file.urlDownload, file.urlShow]) {
    const { headers } = await fetch(url);
    expect([headers.get('content-type'), headers.get('content-disposition')?.split(';')[0]]).toEqual(['application/octet-stream', 'attachment']);
  }
});

test.each(['../../etc/passwd', 'a/b\\c.txt', 'a\u202etxt.exe', 'line\nend.txt', '\u0000nul.txt'])('the name %j is no path and hides nothing', async (name) => {
  const { file } = await sendFile(anna, `chat${chat}`, name, 'x').catch(() => ({ file: undefined }));
  if (!file) return expect(name).toContain('\u0000');
  expect(file.name).not.toMatch(/[/\\\u202e\n]/u);
  expect((await fetch(file.urlDownload)).headers.get('content-disposition')).toMatch(/^attachment; filename="[ -~]*"; filename\*=UTF-8''[\w.%~!-]*$/);
});

describe('an address', () => {
  const addressFor = async (who: Client) => (await who.call<{ downloadUrl: string }>('im.v2.File.download', { dialogId: `chat${chat}`, fileId: sent.file.id })).downloadUrl;

  test('lets whoever has it fetch the file, with whatever clients add to it', async () => {
    const url = await addressFor(boris);
    for (const more of ['', '&auth=0123456789', '&x=1']) expect((await fetchBytes(url + more)).equals(bytes)).toBe(true);
  });

  test('ends after ten minutes, that of a page after two hours', async () => {
    const [short, page] = [await addressFor(boris), (await boris.call<{ files: Array<{ urlDownload: string }> }>('im.dialog.messages.get', { DIALOG_ID: `chat${chat}` })).files[0]!.urlDownload];
    portal.clock.advance(601_000);
    expect([(await fetch(short)).status, (await fetch(page)).status]).toEqual([403, 200]);
    portal.clock.advance(7_200_000);
    expect((await fetch(page)).status).toBe(403);
  });

  test('is the same while it is new, so that what was fetched can be kept', async () => {
    const file = async () => (await boris.call<{ files: Array<{ urlShow: string }> }>('im.dialog.messages.get', { DIALOG_ID: `chat${chat}`, LIMIT: 1 })).files[0]?.urlShow;
    expect(await file()).toBe(await file());
  });

  test.each([
    ['of another file', (text: string) => text.replace(/ \d+/, ' 1')], ['for somebody else', (text: string) => text.replace(/ \d+ \d+/, (ids) => `${ids.split(' ').slice(0, 2).join(' ')} 1`)],
    ['that lasts longer', (text: string) => text.replace(/(\d{13})/, '9$1')],
  ])('made to be one %s fails', async (_what, change) => {
    const url = new URL(await addressFor(boris));
    const [scope, text, signature] = url.searchParams.get('token')!.split('|') as [string, string, string];
    const changed = change(Buffer.from(text, 'base64url').toString());
    expect(Buffer.from(changed).toString('base64url')).not.toBe(text);
    url.searchParams.set('token', `${scope}|${Buffer.from(changed).toString('base64url')}|${signature}`);
    expect((await fetch(url)).status).toBe(403);
  });

  test('of who has been dismissed fails', async () => {
    const clara = await portal.addUser('Clara');
    await anna.call('im.chat.user.add', { CHAT_ID: chat, USERS: [clara.userId], HIDE_HISTORY: 'N' });
    const url = await addressFor(clara);
    await portal.admin.call('user.update', { ID: clara.userId, ACTIVE: 'N' });
    expect((await fetch(url)).status).toBe(404);
  });

  test('fails on a portal that is closed or wants HTTPS', async () => {
    const { writeSetting } = await import('../../src/db/stores/portal-store.ts');
    const { db } = portal.server.context;
    for (const [key, status] of [['closed', 500], ['https_required', 400]] as const) {
      const url = await addressFor(anna);
      await db.write((s) => writeSetting(s, key, '1'));
      expect((await fetch(url)).status).toBe(status);
      await db.write((s) => writeSetting(s, key, '0'));
    }
  });
});

test('a public link is anybody\'s until the file has gone, and there is none before somebody asks', async () => {
  const { file } = await sendFile(anna, `chat${chat}`, 'public.txt', 'public');
  const link = await boris.call<string>('disk.file.getExternalLink', { id: file.id });
  expect(await anna.call<string>('disk.file.getExternalLink', { id: file.id })).toBe(link);
  portal.clock.advance(100 * 86_400_000);
  expect((await fetchBytes(link)).toString()).toBe('public');
  const { sealPass } = await import('../../src/messenger/file-links.ts');
  const { linkSecret } = await portal.server.context.messenger.settings();
  const token = sealPass(linkSecret, { purpose: 'download', id: sent.file.id, userId: 0, until: 0 });
  expect((await fetch(`${portal.http}/rest/download?token=${encodeURIComponent(token)}`)).status).toBe(404);
  await anna.call('disk.file.delete', { id: file.id });
  expect((await fetch(link)).status).toBe(404);
});

test('a caller without an address is told so', async () => {
  for (const path of ['download', 'download.json', 'upload.json']) {
    const answer = await fetch(`${anna.url}${path}`, { method: path.startsWith('u') ? 'POST' : 'GET' });
    expect([answer.status, await answer.json()]).toMatchObject([403, { error: 'ACCESS_DENIED', error_description: 'Access denied! Link check failed' }]);
  }
});

test('where bytes are missing, the connection breaks instead of waiting for them', async () => {
  const content = randomBytes(50_000);
  const { file } = await sendFile(anna, `chat${chat}`, 'damaged.bin', content);
  const name = createHash('sha256').update(content).digest('hex');
  truncateSync(join(portal.folder, 'files', name.slice(0, 2), name), 20_000);
  await expect(fetch(file.urlDownload).then((answer) => answer.arrayBuffer())).rejects.toThrow();
});
