/** Texts come back byte for byte, however they were sent. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Client } from '../support/client.ts';
import { type Reply, send } from '../support/http.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let portal: TestServer;
let anna: Client;

beforeAll(async () => {
  portal = await startTestServer();
  anna = await portal.addUser('Anna');
});
afterAll(() => portal[Symbol.asyncDispose]());

const TEXTS = {
  emoji: '👩‍🔬 🏳️‍🌈 👍🏽 🇩🇪 1️⃣',
  'right-to-left text': '\u202bمرحبا\u202c בדיקה ‏12‏ abc',
  'composed letters': 'Å é ñ \u00fc',
  'the same letters with combining marks': 'A\u030a e\u0301 n\u0303 u\u0308',
  'marks without end': 'Z\u0351\u036b\u0343a\u0334\u0322l\u0361g\u0321o',
  'CJK beyond the basic plane': '𠮷野家 𩸽',
  HTML: '<b>bold</b> &amp; <script>alert("1")</script> <!-- -->',
  quotes: `"double" 'single' \`back\` «angle» \\ backslash \\n`,
  'what SQL minds': `'; drop table chat; -- %_ $1 ?1 :p ${'${x}'}`,
  'what forms mind': 'a=b&c[d]=e%20f+g;h#i?j',
  'line and paragraph separators': 'a\u2028b\u2029c\u0085d',
  'control characters': 'a\u0001b\u001fc\u007fd',
  'a private and a last code point': '\ue000 \u{10ffff} \ufdd0',
  'a replacement character that was sent': 'a\ufffdb',
  'words that are values': 'null',
  digits: '007',
} as const;

/** The ways in which a parameter comes. */
const WAYS: Record<string, (url: string, params: Record<string, string>) => Promise<Reply>> = {
  JSON: (url, params) => send(url, { body: JSON.stringify(params), headers: { 'content-type': 'application/json' } }),
  'JSON with escapes': (url, params) => send(url, { body: escaped(params), headers: { 'content-type': 'application/json; charset=utf-8' } }),
  'a form': (url, params) => send(
    url, { body: new URLSearchParams(params).toString(), headers: { 'content-type': 'application/x-www-form-urlencoded' } }
  ),
  'text/plain': (url, params) => send(url, { body: new URLSearchParams(params).toString(), headers: { 'content-type': 'text/plain;charset=UTF-8' } }),
  'a query': (url, params) => send(`${url}?${new URLSearchParams(params)}`),
  multipart: (url, params) => sendMultipart(url, params),
};

function escaped(params: object): string {
  return JSON.stringify(params).replaceAll(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

async function sendMultipart(url: string, params: Record<string, string>): Promise<Reply> {
  const form = new FormData();
  for (const [name, value] of Object.entries(params)) form.set(name, value);
  const request = new Request(url, { method: 'POST', body: form });
  return send(url, { body: new Uint8Array(await request.arrayBuffer()), headers: { 'content-type': request.headers.get('content-type')! } });
}

async function sent(way: string, method: string, params: Record<string, string | number>, who = anna): Promise<unknown> {
  const strings = Object.fromEntries(Object.entries(params).map(([name, value]) => [name, String(value)]));
  const reply = await WAYS[way]!(who.url + method, strings);
  expect(reply.body).not.toHaveProperty('error');
  return reply.body['result'];
}

async function lastText(dialog: string | number): Promise<{ history: string; original: string }> {
  const { messages } = await anna.call<{ messages: Array<{ text: string }> }>('im.dialog.messages.get', { DIALOG_ID: dialog, LIMIT: 1 });
  const { items } = await anna.call<{ items: Array<{ message: { text: string } }> }>('im.recent.list', { GET_ORIGINAL_TEXT: 'Y', LIMIT: 1 });
  return { history: messages[0]!.text, original: items[0]!.message.text };
}

describe.each(Object.keys(WAYS))('sent as %s', (way) => {
  test.each(Object.entries(TEXTS))('%s survives in messages, titles, descriptions and names', async (_what, text) => {
    const id = (await sent(way, 'im.message.add', { DIALOG_ID: anna.userId, MESSAGE: text })) as number;
    expect(await lastText(anna.userId)).toEqual({ history: text, original: text });
    await sent(way, 'im.message.update', { MESSAGE_ID: id, MESSAGE: `${text}!${text}` });
    expect(await lastText(anna.userId)).toEqual({ history: `${text}!${text}`, original: `${text}!${text}` });

    const chat = (await sent(way, 'im.chat.add', { TITLE: text, DESCRIPTION: text, MESSAGE: text })) as number;
    expect(await anna.call('im.dialog.get', { DIALOG_ID: `chat${chat}` })).toMatchObject({ name: text, description: text });
    expect(await lastText(`chat${chat}`)).toEqual({ history: text, original: text });
    await sent(way, 'im.chat.updateTitle', { CHAT_ID: chat, TITLE: `${text}?` });
    const [row] = await anna.call<Array<Record<string, unknown>>>('im.recent.get');
    expect(row).toMatchObject({ title: `${text}?`, chat: { name: `${text}?`, title: `${text}?` } });

    const profile = { NAME: text, LAST_NAME: text, SECOND_NAME: text, WORK_POSITION: text, PERSONAL_NOTES: text };
    await sent(way, 'user.update', { ID: anna.userId, ...profile }, portal.admin);
    expect(await anna.call('user.current')).toMatchObject(profile);
    expect(await anna.call('im.user.get')).toMatchObject({ name: `${text} ${text}`, first_name: text, last_name: text, work_position: text });
  });
});

describe('texts that are too long', () => {
  const EMOJI = '🌊';

  test('a message is cut at 20000 with a mark, never within a character', async () => {
    await anna.call('im.message.add', { DIALOG_ID: anna.userId, MESSAGE: `a${EMOJI.repeat(15_000)}` });
    const { history } = await lastText(anna.userId);
    expect(history).toBe(`a${EMOJI.repeat(9999)} (...)`);
  });

  test('a message of 20000 stays whole', async () => {
    await anna.call('im.message.add', { DIALOG_ID: anna.userId, MESSAGE: 'a'.repeat(20_000) });
    expect((await lastText(anna.userId)).history).toBe('a'.repeat(20_000));
  });

  test.each(['im.chat.add', 'im.chat.updateTitle'])('a title in %s is cut at 255, never within a character', async (method) => {
    const TITLE = `${'a'.repeat(254)}${EMOJI}`;
    const chat = await anna.call<number>('im.chat.add', { TITLE: method === 'im.chat.add' ? TITLE : 'short' });
    if (method !== 'im.chat.add') await anna.call(method, { CHAT_ID: chat, TITLE });
    expect(await anna.call('im.dialog.get', { DIALOG_ID: `chat${chat}` })).toMatchObject({ name: 'a'.repeat(254) });
  });
});

describe('numbers where text belongs', () => {
  test.each(['5', '-1.5', '9007199254740991'])('the JSON number %s counts as its digits', async (digits) => {
    const body = `{"DIALOG_ID":${anna.userId},"MESSAGE":${digits}}`;
    expect(await send(`${anna.url}im.message.add`, { body, headers: { 'content-type': 'application/json' } })).toMatchObject({ status: 200 });
    expect((await lastText(anna.userId)).history).toBe(digits);
  });

  test.each(['1e400', '12345678901234567890'])('the JSON number %s is not stored as another one', async (digits) => {
    const body = `{"DIALOG_ID":${anna.userId},"MESSAGE":${digits}}`;
    const { status } = await send(`${anna.url}im.message.add`, { body, headers: { 'content-type': 'application/json' } });
    if (status === 200) expect((await lastText(anna.userId)).history).toBe(digits);
    else expect(status).toBe(400);
  });
});
