/** How large files may be, and how much room there is for them. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { SETTING_KEYS } from '../../src/portal/settings.ts';
import { writeSetting } from '../../src/db/stores/portal-store.ts';
import type { Client } from '../support/client.ts';
import { base64, postFile, sendFile } from '../support/files.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const MB = 2 ** 20;
let portal: TestServer;
let anna: Client;
let boris: Client;
let chat: number;
let folder: number;

beforeAll(async () => {
  portal = await startTestServer();
});
beforeEach(async () => {
  await set({ fileLimit: '', userQuota: '', portalQuota: '' });
  [anna, boris] = [await portal.addUser('Anna'), await portal.addUser('Boris')];
  chat = await anna.call<number>('im.chat.add', { TITLE: 'Files', USERS: [boris.userId] });
  folder = (await anna.call<{ ID: number }>('im.disk.folder.get', { CHAT_ID: chat })).ID;
});
afterAll(() => portal[Symbol.asyncDispose]());

type Limits = Partial<Record<'fileLimit' | 'userQuota' | 'portalQuota', string>>;

async function set(limits: Limits): Promise<void> {
  await portal.server.context.db.write(async (s) => {
    for (const [name, value] of Object.entries(limits)) await writeSetting(s, SETTING_KEYS[name as keyof Limits], value);
  });
}

const everything = async () =>
  portal.server.context.db.read(async (s) => ({ objects: await s.query((q) => q.selectFrom('disk_object').select('id').orderBy('id')), messages: await s.query((q) => q.selectFrom('message').select('id')) }));

/** Every way to bring so many bytes, with the error it ends with where they are too many. */
const WAYS: Record<string, { send: (bytes: Uint8Array) => Promise<string | undefined>; large: string; room: string }> = {
  'im.v2.File.upload': {
    send: async (bytes) => (await anna.raw('im.v2.File.upload', { dialogId: `chat${chat}`, fields: { name: 'a.bin', content: base64(bytes) } })).body.error,
    large: 'FILE_TOO_LARGE', room: 'UPLOAD_FAILED',
  },
  'disk.folder.uploadFile': {
    send: async (bytes) => (await anna.raw('disk.folder.uploadFile', { id: folder, data: { NAME: 'a.bin' }, fileContent: ['a.bin', base64(bytes)], generateUniqueName: true })).body.error,
    large: 'ERROR_COULD_NOT_SAVE_FILE', room: 'ERROR_COULD_NOT_SAVE_FILE',
  },
  'an upload address': {
    send: async (bytes) => {
      const { uploadUrl } = await anna.call<{ uploadUrl: string }>('disk.folder.uploadFile', { id: folder, generateUniqueName: true });
      return (await postFile(uploadUrl, 'a.bin', bytes)).body.error;
    },
    large: 'ERROR_COULD_NOT_SAVE_FILE', room: 'ERROR_COULD_NOT_SAVE_FILE',
  },
};

describe.each(Object.entries(WAYS))('%s', (_way, { send, large, room }) => {
  test('takes a file that is just as large as one may be, and none that is larger', async () => {
    await set({ fileLimit: '1' });
    expect(await send(randomBytes(MB))).toBeUndefined();
    const before = await everything();
    expect(await send(randomBytes(MB + 1))).toBe(large);
    expect(await everything()).toEqual(before);
  });

  test.each<[string, Limits]>([['one\'s own', { userQuota: '2' }], ['the portal\'s', { portalQuota: '2' }]])('within %s room', async (what, limits) => {
    const used = await portal.server.context.db.read((s) => s.query((q) => q.selectFrom('disk_usage').select('bytes')));
    const others = used.reduce((sum, { bytes }) => sum + bytes, 0);
    await set(what === 'the portal\'s' ? { portalQuota: String(Math.ceil(others / MB) + 2) } : limits);
    expect(await send(randomBytes(1.5 * MB))).toBeUndefined();
    const before = await everything();
    expect(await send(randomBytes(1.5 * MB))).toBe(room);
    expect(await everything()).toEqual(before);
  });
});

test('what is deleted gives its room back, to whoever had it', async () => {
  await set({ userQuota: '1' });
  const bytes = randomBytes(MB);
  const first = await sendFile(anna, `chat${chat}`, 'a.bin', bytes);
  expect(await WAYS['im.v2.File.upload']!.send(randomBytes(1))).toBe('UPLOAD_FAILED');
  await sendFile(boris, `chat${chat}`, 'b.bin', randomBytes(MB));
  await anna.call('im.message.delete', { MESSAGE_ID: first.messageId });
  expect(await WAYS['im.v2.File.upload']!.send(bytes)).toBeUndefined();
});

test('copies take room: into another chat, and to one\'s own files', async () => {
  await set({ userQuota: '1' });
  const { file } = await sendFile(boris, `chat${chat}`, 'b.bin', randomBytes(0.75 * MB));
  await anna.call('im.disk.file.save', { FILE_ID: file.id });
  expect(await anna.fails('im.disk.file.save', { FILE_ID: file.id })).toMatchObject({ error: 'FILE_SAVE_ERROR' });
  expect(await anna.fails('im.disk.file.commit', { DIALOG_ID: anna.userId, FILE_ID: file.id })).toMatchObject({ error: 'SAVE_ERROR' });
});

test('many at once do not get past a limit together', async () => {
  await set({ userQuota: '1' });
  const results = await Promise.all(Array.from({ length: 8 }, () => WAYS['im.v2.File.upload']!.send(randomBytes(0.3 * MB))));
  expect(results.filter((error) => error === undefined)).toHaveLength(3);
});

test('they are set in megabytes, and taken away with 0', async () => {
  const { tidemarkOn } = await import('../support/command.ts');
  await tidemarkOn(portal, 'portal', 'set', '--file-limit', '1', '--user-quota', '3', '--portal-quota', '4');
  expect((await portal.server.context.messenger.settings()).fileLimits).toEqual({ file: MB, user: 3 * MB, portal: 4 * MB });
  await tidemarkOn(portal, 'portal', 'set', '--file-limit', '0', '--user-quota', '0', '--portal-quota', '0');
  expect((await portal.server.context.messenger.settings()).fileLimits).toEqual({ file: 2 ** 31, user: Infinity, portal: Infinity });
  await expect(tidemarkOn(portal, 'portal', 'set', '--file-limit', 'x')).rejects.toThrow(/--file-limit/);
});
