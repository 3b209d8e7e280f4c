/** Pictures of chats and people: who may set them, what is taken, where they are seen, and that only their address shows them. */
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { collect } from '../../src/messenger/files/collecting.ts';
import type { Client } from '../support/client.ts';
import { namesIn } from '../support/blobs-contract.ts';
import { FORMATS, largePng, manyFrames, picture } from '../support/pictures.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let portal: TestServer;
let bob: Client;
let base64: string;
beforeAll(async () => {
  portal = await startTestServer();
  bob = await portal.addUser('Bob');
  base64 = (await picture('png', 400, 200)).toString('base64');
});
afterAll(() => portal[Symbol.asyncDispose]());

const newChat = (params = {}) => portal.admin.call<number>('im.chat.add', { TITLE: 'Chat', USERS: [bob.userId], ...params });
const avatarOf = async (who: Client, chat: number) => (await who.call<{ avatar: string }>('im.dialog.get', { DIALOG_ID: `chat${chat}` })).avatar;

async function sizeOf(address: string): Promise<object> {
  const answer = await fetch(address);
  const body = Buffer.from(await answer.arrayBuffer());
  const { width, height } = answer.ok ? await sharp(body).metadata() : {};
  return { status: answer.status, type: answer.headers.get('content-type'), ...(width && { width, height }) };
}

const shown = (width: number, height: number) => ({ status: 200, type: 'image/webp', width, height });

describe('of a chat', () => {
  test.each(FORMATS)('%s is shown in rows, cards and to whoever has its address, in several sizes', async (format) => {
    const chat = await newChat();
    const content = await picture(format, 600, 300);
    expect(await portal.admin.call('im.chat.updateAvatar', { CHAT_ID: chat, AVATAR: content.toString('base64') })).toBe(true);
    const address = await avatarOf(bob, chat);
    expect(address).toMatch(new RegExp(`^${portal.http}/avatars/\\w{32}\\.webp$`));
    const { items } = await bob.call<{ items: Array<{ chat_id: number; avatar: { url: string }; chat: { avatar: string } }> }>('im.recent.list');
    expect(items.find(({ chat_id }) => chat_id === chat)).toMatchObject({ avatar: { url: address }, chat: { avatar: address } });
    expect(await sizeOf(address)).toEqual(shown(200, 200));
    for (const [size, width, height] of [[150, 150, 150], [201, 300, 300], [1000, 600, 300], [9999, 600, 300], [0, 150, 150]]) {
      expect(await sizeOf(`${address}?size=${size}`), `${size}`).toEqual(shown(width!, height!));
    }
  });

  test('the chat says so, and another picture has another address', async () => {
    const chat = await newChat();
    const set = (bytes: string) => bob.call('im.chat.updateAvatar', { DIALOG_ID: `chat${chat}`, AVATAR: bytes });
    await set(base64);
    const first = await avatarOf(bob, chat);
    const { messages } = await portal.admin.call<{ messages: Array<{ text: string; author_id: number }> }>('im.dialog.messages.get', { DIALOG_ID: `chat${chat}` });
    expect(messages[0]).toMatchObject({ author_id: 0, text: expect.stringMatching(/^\[USER=\d+ REPLACE\]Bob\[\/USER\] changed the chat avatar$/) });
    await set((await picture('webp', 300, 300)).toString('base64'));
    const second = await avatarOf(bob, chat);
    expect(second).not.toBe(first);
    expect([(await fetch(first)).status, (await fetch(second)).status]).toEqual([404, 200]);
  });

  test('a form, and a body larger than a call may be otherwise', async () => {
    const chat = await newChat();
    const large = (await sharp(Buffer.alloc(4000 * 3000 * 3, 7), { raw: { width: 4000, height: 3000, channels: 3 } }).png({ compressionLevel: 0 }).toBuffer()).subarray();
    const small = await sharp(large).resize(1500).png({ compressionLevel: 0 }).toBuffer();
    expect(small.length).toBeGreaterThan(4 * 2 ** 20);
    const answer = await fetch(`${portal.admin.url}im.chat.updateAvatar`, { method: 'POST', body: new URLSearchParams({ CHAT_ID: String(chat), AVATAR: small.toString('base64') }) });
    expect(await answer.json()).toMatchObject({ result: true });
  });

  test('a chat begins with one', async () => {
    const chat = await newChat({ AVATAR: base64 });
    expect(await sizeOf(await avatarOf(bob, chat))).toEqual(shown(200, 200));
  });

  const BAD: Array<[string, () => Promise<string> | string, string]> = [
    ['nothing', () => '', 'Avatar incorrect type'],
    ['no base64', () => '§§§', 'Avatar incorrect type'],
    ['text', () => Buffer.from('hello').toString('base64'), 'Avatar incorrect type'],
    ['SVG', () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>').toString('base64'), 'Avatar incorrect type'],
    ['half a picture', async () => (await picture('jpeg', 300, 300)).subarray(0, 900).toString('base64'), 'Avatar incorrect type'],
    ['one that is too wide', async () => (await picture('png', 5001, 2)).toString('base64'), 'Avatar incorrect size (max 5000x5000)'],
    ['one that only says that it is large', () => largePng(60_000, 60_000).toString('base64'), 'Avatar incorrect size (max 5000x5000)'],
    ['very many frames', () => manyFrames(5000, 3000).toString('base64'), 'Avatar incorrect size (max 5000x5000)'],
  ];
  test.each(BAD)('%s is refused, and nothing changes', async (_what, content, text) => {
    const chat = await newChat({ AVATAR: base64 });
    const before = await avatarOf(bob, chat);
    const AVATAR = await content();
    expect(await portal.admin.fails('im.chat.updateAvatar', { CHAT_ID: chat, AVATAR })).toEqual({ status: 400, error: 'AVATAR_ERROR', text });
    if (AVATAR !== '') expect(await portal.admin.fails('im.chat.add', { AVATAR })).toMatchObject({ status: 400, error: 'ERROR_ARGUMENT', argument: 'AVATAR' });
    expect(await avatarOf(bob, chat)).toBe(before);
    expect(await sizeOf(before)).toEqual(shown(200, 200));
  });

  test('who may not, and which chats have none', async () => {
    const chat = await newChat();
    const stranger = await portal.addUser('Stranger');
    const bound = await portal.admin.call<number>('im.chat.add', { ENTITY_TYPE: 'CRM', ENTITY_ID: 'DEAL|7', USERS: [bob.userId] });
    await portal.admin.call('tidemark.chat.permissions.set', { CHAT_ID: chat, MANAGE_UI: 'owner' });
    const set = (who: Client, params: object) => who.fails('im.chat.updateAvatar', { AVATAR: base64, ...params });
    expect(await set(stranger, { CHAT_ID: chat })).toEqual({ status: 400, error: 'ACCESS_ERROR', text: 'Action unavailable' });
    expect(await set(bob, { CHAT_ID: chat })).toEqual({ status: 400, error: 'ACCESS_DENIED', text: 'Access denied' });
    expect(await set(bob, { CHAT_ID: bound })).toEqual({ status: 400, error: 'ACCESS_ERROR', text: 'The avatar of this chat cannot be changed' });
    expect(await set(bob, {})).toMatchObject({ error: 'CHAT_ID_EMPTY' });
    expect(await avatarOf(bob, chat)).toBe('');
  });
});

describe('of a person', () => {
  const rowOf = async (id: number, params = {}) => (await portal.admin.call<Array<{ PERSONAL_PHOTO?: string }>>('user.get', { FILTER: { ID: id }, ...params }))[0]!;

  test.each([['a list', (content: string) => ['me.png', content]], ['fileData', (content: string) => ({ fileData: ['me.png', content] })]])('given as %s it is shown in the size that is asked for', async (_what, given) => {
    const id = await portal.admin.call<number>('user.add', { EMAIL: `a${Math.random()}@example.org`, NAME: 'Ann', PERSONAL_PHOTO: given(base64) });
    const { PERSONAL_PHOTO: address } = await rowOf(id);
    expect(await sizeOf(address!)).toEqual(shown(200, 200));
    for (const [word, side] of [['small', 150], ['MEDIUM', 300]] as const) {
      expect(await sizeOf((await rowOf(id, { IMAGE_RESIZE: word })).PERSONAL_PHOTO!)).toEqual(shown(side, side));
    }
    expect(await sizeOf((await rowOf(id, { IMAGE_RESIZE: 'large' })).PERSONAL_PHOTO!)).toEqual(shown(400, 200));
    expect((await rowOf(id, { IMAGE_RESIZE: 'constructor' })).PERSONAL_PHOTO).toBe(address);
    const [searched] = await portal.admin.call<Array<{ PERSONAL_PHOTO: string }>>('user.search', { FILTER: { ID: id }, IMAGE_RESIZE: 'small' });
    expect(searched!.PERSONAL_PHOTO).toBe(`${address}?size=150`);
    expect(await bob.call('im.user.get', { ID: id })).toMatchObject({ avatar: address, avatar_hr: address });
    await portal.admin.call('user.update', { ID: id, PERSONAL_PHOTO: 'https://example.org/other.png' });
    expect((await rowOf(id, { IMAGE_RESIZE: 'small' })).PERSONAL_PHOTO).toBe('https://example.org/other.png');
    expect((await fetch(address!)).status).toBe(404);
  });

  test('what is no picture is refused by its name', async () => {
    for (const content of ['', 'aGVsbG8=', '%%']) {
      expect(await portal.admin.fails('user.update', { ID: bob.userId, PERSONAL_PHOTO: ['a.png', content] })).toMatchObject({ error: 'ERROR_ARGUMENT', argument: 'PERSONAL_PHOTO' });
    }
    expect(await portal.admin.fails('user.update', { ID: bob.userId, PERSONAL_PHOTO: ['a', 'b', 'c'] })).toMatchObject({ argument: 'PERSONAL_PHOTO' });
    expect(await bob.fails('user.update', { ID: bob.userId, PERSONAL_PHOTO: ['a.png', base64] })).toMatchObject({ error: 'ERROR_CORE' });
  });

  test('somebody else\'s address is only an address', async () => {
    const chat = await newChat({ AVATAR: base64 });
    const address = await avatarOf(bob, chat);
    await portal.admin.call('user.update', { ID: bob.userId, PERSONAL_PHOTO: address });
    await portal.admin.call('user.update', { ID: bob.userId, PERSONAL_PHOTO: '' });
    expect(await sizeOf(address)).toEqual(shown(200, 200));
  });
});

test('an address is kept for ever by browsers, and shows nothing but a picture', async () => {
  const address = await avatarOf(bob, await newChat({ AVATAR: base64 }));
  const { headers } = await fetch(address, { method: 'HEAD' });
  expect(Object.fromEntries(headers)).toMatchObject({
    'content-type': 'image/webp', 'cache-control': 'public, max-age=31536000, immutable', 'x-content-type-options': 'nosniff', 'content-security-policy': "sandbox; default-src 'none'",
  });
  for (const wrong of [address.replace(/\w{32}/, 'x'.repeat(32)), address.replace('.webp', ''), address.replace(/\w{32}/, '..%2f..'), `${portal.http}/avatars/`]) {
    expect((await fetch(wrong)).status, wrong).toBe(404);
  }
});

test('the bytes of pictures that nobody shows any more are collected, those of others stay', async () => {
  const { db, blobs } = portal.server.context;
  const chat = await newChat({ AVATAR: (await picture('png', 123, 321)).toString('base64') });
  const kept = await avatarOf(bob, await newChat({ AVATAR: (await picture('png', 321, 123)).toString('base64') }));
  const before = (await namesIn(blobs)).length;
  await portal.admin.call('im.chat.updateAvatar', { CHAT_ID: chat, AVATAR: base64 });
  await collect(db, blobs, portal.clock.now());
  portal.clock.advance(2 * 86_400_000);
  expect(await collect(db, blobs, portal.clock.now())).toBeGreaterThan(0);
  expect((await namesIn(blobs)).length).toBeLessThan(before);
  expect(await sizeOf(`${kept}?size=1000`)).toEqual(shown(321, 123));
});
