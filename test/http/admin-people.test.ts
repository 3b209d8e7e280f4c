/** People, and what they sign in by, as administrators look after them. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { setPassword } from '../../src/identity/logins.ts';
import { adminMethodNames, paramsFor } from '../compat/admin-cases.ts';
import { addWebhook } from '../../src/identity/webhooks.ts';
import { Browser } from '../support/browser.ts';
import type { Client } from '../support/client.ts';
import { clientFor } from '../support/client.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { inSmallPieces } from '../support/small-pieces.ts';

let portal: TestServer;
let admin: Client;

beforeAll(async () => {
  portal = await startTestServer({}, { store: inSmallPieces });
  admin = portal.admin;
});
afterAll(() => portal[Symbol.asyncDispose]());

interface Listed {
  id: number;
  name: string;
  email: string;
  admin: boolean;
  active: boolean;
  guest: boolean;
  bot: boolean;
  has_password: boolean;
  sessions: number;
  webhooks: number;
}

const list = (params: Record<string, unknown> = {}) => admin.call<Listed[]>('tidemark.people.list', params);
const one = async (id: number) => (await list({ FIND: String(id) })).find((person) => person.id === id)!;
const add = (params: Record<string, unknown>) => admin.call<{ id: number }>('tidemark.people.add', params).then(({ id }) => id);

async function signIn(path: string): Promise<Browser> {
  const browser = new Browser(portal.http);
  await browser.get(path);
  return browser;
}

test('somebody is added, found by each word of what they are called, and changed', async () => {
  const id = await add({ NAME: ' Marie ', LAST_NAME: 'Ølsen', EMAIL: ' Marie@Example.org', POSITION: 'Head of tides', DEPARTMENTS: [1] });
  for (const FIND of ['mar', 'ølsen marie', 'TIDES', 'example.org', String(id)]) expect((await list({ FIND })).map((person) => person.id), FIND).toContain(id);
  expect(await one(id)).toMatchObject({ name: 'Marie Ølsen', email: 'marie@example.org', position: 'Head of tides', departments: [1], admin: false, active: true, has_password: false });
  await admin.call('tidemark.people.change', { ID: id, POSITION: '', ADMIN: 'Y' });
  expect(await one(id)).toMatchObject({ name: 'Marie Ølsen', position: '', admin: true });
  expect(await list({ FIND: 'tides' })).toEqual([]);
});

test('each state has those who are in it', async () => {
  const [bot, guest, gone] = [await add({ NAME: 'Robot', BOT: 'Y' }), await add({ NAME: 'Visitor', GUEST: 'Y' }), await add({ NAME: 'Former' })];
  await admin.call('tidemark.people.change', { ID: gone, ACTIVE: 'N' });
  const ids = async (STATE: string) => (await list({ STATE })).map((person) => person.id);
  expect(await ids('bots')).toEqual([bot]);
  expect(await ids('guests')).toEqual([guest]);
  expect(await ids('dismissed')).toEqual([gone]);
  expect(await ids('administrators')).toContain(1);
  expect(await ids('active')).not.toContain(gone);
  expect(await ids('active')).toContain(guest);
  const everybody = await ids('all');
  expect(everybody).toEqual([...everybody].sort((a, b) => b - a));
});

test('in pages that join, with how many there are', async () => {
  const { body } = await admin.raw('tidemark.people.list', { LIMIT: 2 });
  const all = (await list()).map((person) => person.id);
  expect(body).toMatchObject({ total: all.length, next: 2 });
  const second = await list({ LIMIT: 2, OFFSET: 2 });
  expect([...(body.result as Listed[]), ...second].map((person) => person.id)).toEqual(all.slice(0, 4));
  expect((await admin.raw('tidemark.people.list', { LIMIT: 2, OFFSET: all.length - 1 })).body).not.toHaveProperty('next');
});

test.each([
  [{ EMAIL: 'no address' }, 'EMAIL'], [{ DEPARTMENTS: [999_999] }, 'DEPARTMENTS'], [{ PASSWORD: 'short' }, 'PASSWORD'],
])('%j is refused by name', async (params, argument) => {
  const method = 'PASSWORD' in params ? 'tidemark.people.password' : 'tidemark.people.change';
  expect(await admin.fails(method, { ID: 1, ...params })).toMatchObject({ status: 400, error: 'ERROR_ARGUMENT', argument });
});

describe('how they sign in', () => {
  test('a link signs in once; a password that was made is told once, and ends the sessions', async () => {
    const id = await add({ NAME: 'Newcomer' });
    const { url, expires_in } = await admin.call<{ url: string; expires_in: number }>('tidemark.people.link', { ID: id });
    expect({ origin: new URL(url).origin, expires_in }).toEqual({ origin: portal.http, expires_in: 600 });
    const browser = await signIn(url.slice(portal.http.length));
    expect((await browser.get('/sign-in/')).text).toContain('You are signed in');
    expect(await one(id)).toMatchObject({ sessions: 1, has_password: false });
    const { password } = await admin.call<{ password: string }>('tidemark.people.password', { ID: id });
    expect(password).toMatch(/^\w{16}$/);
    expect(await one(id)).toMatchObject({ sessions: 0, has_password: true });
    expect((await browser.get('/sign-in/')).text).not.toContain('You are signed in');
    const form = await browser.get('/sign-in/');
    expect((await browser.submit(form, '/sign-in', { login: String(id), password })).status).toBe(303);
    expect(await admin.call('tidemark.people.password', { ID: id, PASSWORD: 'of their own' })).toEqual({});
  });

  test('all sessions end at once', async () => {
    const id = await add({ NAME: 'Everywhere' });
    await setPassword(portal.server.context, id, 'long enough');
    const browsers = [];
    for (let i = 0; i < 3; i += 1) browsers.push(await signIn((await admin.call<{ url: string }>('tidemark.people.link', { ID: id })).url.slice(portal.http.length)));
    expect(await admin.call('tidemark.people.signout', { ID: id })).toEqual({ sessions: 3 });
    for (const browser of browsers) expect((await browser.get('/sign-in/')).text).not.toContain('You are signed in');
    expect(await admin.call('tidemark.people.signout', { ID: id })).toEqual({ sessions: 0 });
  });
});

test('nobody is let in without the scope, and the method says so, within a batch too', async () => {
  const { db } = portal.server.context;
  const narrow = (await addWebhook(db, portal.clock, { userId: 1, scopes: ['im', 'user', 'department'], title: 'narrow' }))!;
  const client = clientFor(`${portal.http}/rest/1/${narrow.code}/`, 1);
  expect(adminMethodNames.length).toBeGreaterThan(20);
  for (const method of adminMethodNames) expect([method, await client.fails(method, paramsFor(method))]).toEqual([method, expect.objectContaining({ status: 401, error: 'insufficient_scope' })]);
  const { result_error } = await client.call<{ result_error: Record<string, { error: string }> }>('batch', { cmd: { a: 'tidemark.people.list', b: 'tidemark.webhooks.add?USER_ID=1' } });
  expect(Object.values(result_error).map(({ error }) => error)).toEqual(['insufficient_scope', 'insufficient_scope']);
});
