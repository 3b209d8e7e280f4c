/** Errors on purpose: `tidemark rehearse` beside a running server. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { WebhookRow } from '../../src/db/stores/portal-store.ts';
import { deleteRehearsals, insertRehearsal } from '../../src/db/stores/rehearsal-store.ts';
import { PER_MILLION } from '../../src/portal/rehearsals.ts';
import { webhookNamed } from '../../src/identity/webhooks.ts';
import { systemErrors } from '../../src/rest/system-errors.ts';
import type { Client } from '../support/client.ts';
import { tidemarkOn } from '../support/command.ts';
import { type Reply, send } from '../support/http.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let portal: TestServer;
let anna: Client;
let boris: Client;
let webhook: WebhookRow;

beforeAll(async () => {
  portal = await startTestServer();
  anna = await portal.addUser('Anna');
  boris = await portal.addUser('Boris');
  webhook = (await portal.server.context.db.read((s) => webhookNamed(s, anna.url)))!;
  await command('portal', 'set', '--rehearsals');
});
afterAll(() => portal[Symbol.asyncDispose]());
beforeEach(() => portal.server.context.db.write((s) => deleteRehearsals(s, { webhookId: webhook.id, appId: 0 })));

const command = (...args: string[]) => tidemarkOn(portal, ...args);

const rehearse = (...args: string[]) => command('rehearse', '--webhook', anna.url, ...args);

async function statuses(count: number, url: string): Promise<number[]> {
  const seen = [];
  for (let call = 0; call < count; call += 1) seen.push((await send(url)).status);
  return seen;
}

const NEXT_CALL = { app_id: 0, method: '', remaining: 1, per_million: PER_MILLION, delay_ms: 0, created_at: 0 };
const codes = [...new Map(Object.values(systemErrors).map((declaration) => [declaration.code, declaration])).keys()];

test.each(codes)('%s looks like the real one, and says in a header that it is rehearsed', async (code) => {
  await portal.server.context.db.write((s) => insertRehearsal(s, { ...NEXT_CALL, webhook_id: webhook.id, error: code }));
  const reply: Reply = await send(`${anna.url}profile`);
  const declared = Object.values(systemErrors).find((declaration) => declaration.code === code)!;
  expect(reply).toMatchObject({
    status: declared.status, body: { error: code, error_description: declared.text },
    headers: { 'x-tidemark-rehearsal': code, 'content-type': 'application/json; charset=utf-8', 'access-control-allow-origin': '*' },
  });
  const after = await send(`${anna.url}profile`);
  expect(after).toMatchObject({ status: 200 });
  expect(after.headers).not.toHaveProperty('x-tidemark-rehearsal');
});

describe('which calls', () => {
  test('as many as asked for, of this webhook only', async () => {
    await rehearse('--error', 'QUERY_LIMIT_EXCEEDED', '--next', '3');
    expect(await statuses(2, `${boris.url}profile`)).toEqual([200, 200]);
    expect(await statuses(5, `${anna.url}profile`)).toEqual([503, 503, 503, 200, 200]);
  });

  test('counted exactly when they come together', async () => {
    await rehearse('--error', 'QUERY_LIMIT_EXCEEDED', '--next', '10');
    const replies = await Promise.all(Array.from({ length: 30 }, () => send(`${anna.url}profile`)));
    expect(replies.filter(({ status }) => status === 503)).toHaveLength(10);
  });

  test('of one method, also as a command of a batch', async () => {
    await rehearse('--error', 'DIALOG_ID_EMPTY', '--method', 'IM.dialog.get', '--next', '2');
    expect(await statuses(1, `${anna.url}profile`)).toEqual([200]);
    expect(await anna.fails('im.dialog.get', { DIALOG_ID: boris.userId })).toMatchObject({ status: 400, error: 'DIALOG_ID_EMPTY' });
    const { headers, body } = await send(`${anna.url}batch?cmd[a]=im.dialog.get%3FDIALOG_ID%3D${boris.userId}&cmd[b]=profile`);
    expect(body).toMatchObject({ result: { result_error: { a: { error: 'DIALOG_ID_EMPTY' } }, result: { b: {} } } });
    expect(headers['x-tidemark-rehearsal']).toBe('DIALOG_ID_EMPTY');
  });

  test('without a method a batch is one call', async () => {
    await rehearse('--error', 'QUERY_LIMIT_EXCEEDED', '--next', '1');
    expect(await statuses(2, `${anna.url}batch?cmd[a]=profile&cmd[b]=profile`)).toEqual([503, 200]);
  });

  test('a share of them, until stopped', async () => {
    await rehearse('--error', 'INTERNAL_SERVER_ERROR', '--rate', '0.5');
    const seen = await statuses(60, `${anna.url}profile`);
    expect(new Set(seen)).toEqual(new Set([200, 500]));
    await rehearse('--stop');
    expect(new Set(await statuses(20, `${anna.url}profile`))).toEqual(new Set([200]));
  });

  test('a call with bad credentials is not rehearsed', async () => {
    await rehearse('--error', 'QUERY_LIMIT_EXCEEDED', '--next', '1');
    expect(await statuses(1, `${portal.http}/rest/${anna.userId}/wrong/profile`)).toEqual([401]);
    expect(await statuses(1, `${anna.url}profile`)).toEqual([503]);
  });

  test('nothing was done by a call that was made to fail', async () => {
    await rehearse('--error', 'INTERNAL_SERVER_ERROR', '--method', 'im.chat.add', '--next', '1');
    const chats = async () => (await anna.call<unknown[]>('im.recent.get')).length;
    const before = await chats();
    expect((await anna.raw('im.chat.add', { TITLE: 'Not made' })).status).toBe(500);
    expect(await chats()).toBe(before);
  });
});

describe('refused', () => {
  test.each([
    [['--error', 'NOPE'], '--error: "NOPE" is none of'],
    [['--error', 'DIALOG_ID_EMPTY'], '--error: "DIALOG_ID_EMPTY" is none of'],
    [['--error', 'QUERY_LIMIT_EXCEEDED', '--method', 'im.nope'], '--method: there is no method "im.nope"'],
    [['--error', 'QUERY_LIMIT_EXCEEDED', '--next', '0'], '--next'],
    [['--error', 'QUERY_LIMIT_EXCEEDED', '--rate', '1.5'], '--rate'],
    [['--delay', '61s'], '--delay'],
    [['--delay', 'soon'], '--delay'],
    [[], '--error, --delay or both'],
  ])('%j', async (args, message) => {
    await expect(rehearse(...args)).rejects.toThrow(message);
  });

  test('an unknown webhook, neither or both kinds of callers', async () => {
    await expect(command('rehearse', '--webhook', 'nope', '--error', 'QUERY_LIMIT_EXCEEDED')).rejects.toThrow('no such webhook');
    await expect(command('rehearse', '--error', 'QUERY_LIMIT_EXCEEDED')).rejects.toThrow('either --webhook or --app');
    await expect(rehearse('--app', 'local.x', '--error', 'QUERY_LIMIT_EXCEEDED')).rejects.toThrow('either --webhook or --app');
  });

  test('a portal that does not allow it', async () => {
    await rehearse('--error', 'QUERY_LIMIT_EXCEEDED', '--next', '5');
    await command('portal', 'set', '--no-rehearsals');
    expect(await statuses(1, `${anna.url}profile`)).toEqual([200]);
    await expect(rehearse('--error', 'QUERY_LIMIT_EXCEEDED')).rejects.toThrow('does not allow it');
    await command('portal', 'set', '--rehearsals');
  });
});
