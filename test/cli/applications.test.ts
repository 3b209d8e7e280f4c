/** Applications and sign-ins from the command line, while the server runs. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Browser, wordsOf } from '../support/browser.ts';
import { type Client, clientFor } from '../support/client.ts';
import { CLI, serve, type ServerProcess, tidemark } from '../support/command.ts';
import { send } from '../support/http.ts';
import { dropDatabase, freshDatabase } from '../support/server.ts';

let folder: string;
let databaseUrl: string;
let server: ServerProcess;
let store: string[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tidemark-cli-'));
  databaseUrl = await freshDatabase();
  store = ['--data', folder, ...(databaseUrl ? ['--database-url', databaseUrl] : [])];
  server = await serve(...store, '--empty');
});

afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
  await dropDatabase(databaseUrl);
});

async function json<T = Record<string, string>>(...args: string[]): Promise<T> {
  const { code, stdout, stderr } = await tidemark(...args, ...store, '--json');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout) as T;
}

const addUser = async (name: string) => (await json<{ id: number }>('user', 'add', '--name', name)).id;

async function clientOf(clientId: string, userId: number): Promise<Client> {
  const { access_token } = await json('app', 'token', '--app', clientId, '--user', String(userId));
  return clientFor(`${server.ready.http}/rest/?auth=${access_token}&method=`, userId);
}

test('app add prints the client id and the secret; app token prints what the token endpoint would', async () => {
  const app = await json('app', 'add', '--title', 'Dashboard', '--scope', 'im,user', '--redirect-uri', 'https://app.example.org/back');
  expect(app).toEqual({ client_id: expect.stringMatching(/^local\.[\da-f]{14}\.\d{8}$/), client_secret: expect.stringMatching(/^[A-Za-z\d]{50}$/) });
  const id = await addUser('Anna');
  const tokens = await json<Record<string, string | number>>('app', 'token', '--app', app['client_id']!, '--user', String(id));
  const params = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: String(tokens['refresh_token']), ...app });
  const refreshed = await send(`${server.ready.http}/oauth/token/?${params}`);
  expect(refreshed.status).toBe(200);
  expect(Object.keys(tokens).sort()).toEqual(Object.keys(refreshed.body).sort());
  const { access_token: _a, refresh_token: _r, expires: _e, ...rest } = refreshed.body;
  expect(tokens).toMatchObject(rest);
  expect(rest).toMatchObject({ user_id: id, scope: 'im,user', client_endpoint: `${server.ready.http}/rest/` });
});

test('app add takes the pages of an application, app page moves one, app list tells them', async () => {
  const pages = ['--page', 'https://app.example.org/', '--install-page', 'https://app.example.org/install'];
  const { client_id: clientId = '' } = await json('app', 'add', '--title', 'Framed', ...pages);
  const shown = async () => (await json<Array<Record<string, unknown>>>('app', 'list')).find(({ client_id }) => client_id === clientId);
  expect(await shown()).toMatchObject({ id: expect.any(Number), page_url: pages[1], install_url: pages[3], installed: false });
  await json('app', 'page', '--app', clientId, '--page', 'http://localhost:3000/');
  expect(await shown()).toMatchObject({ page_url: 'http://localhost:3000/', install_url: pages[3] });
  for (const flag of ['--page', '--install-page']) {
    const { code, stderr } = await tidemark('app', 'add', '--title', 'Wrong', flag, 'javascript:alert(1)', ...store);
    expect([code, stderr]).toEqual([1, `tidemark: ${flag}: "javascript:alert(1)" is not an http or https address\n`]);
  }
});

test('app secret prints another secret: the one before stops working, the chain of tokens goes on', async () => {
  const app = await json('app', 'add', '--title', 'Rotated', '--scope', 'im');
  const id = await addUser('Rota');
  const { refresh_token: chain = '' } = await json('app', 'token', '--app', app['client_id']!, '--user', String(id));
  const renewed = await json('app', 'secret', '--app', app['client_id']!);
  expect(renewed).toEqual({ client_id: app['client_id'], client_secret: expect.stringMatching(/^[A-Za-z\d]{50}$/) });
  expect(renewed['client_secret']).not.toBe(app['client_secret']);
  const refresh = (client: object) => send(`${server.ready.http}/oauth/token/?${new URLSearchParams({ grant_type: 'refresh_token', refresh_token: chain, ...client })}`);
  expect((await refresh(app)).body).toMatchObject({ error: expect.any(String) });
  expect((await refresh(renewed)).body).toMatchObject({ access_token: expect.any(String), user_id: id });
  expect(await tidemark('app', 'secret', '--app', 'local.none', ...store)).toMatchObject({ code: 1, stderr: 'tidemark: --app: there is no application "local.none"\n' });
});

test('hold, release, restrict and remove take effect on the running server at once', async () => {
  const { client_id: clientId = '' } = await json('app', 'add', '--title', 'Changing', '--scope', 'im');
  const [anna, boris] = [await addUser('Anna'), await addUser('Boris')];
  const [annas, boriss, admins] = [await clientOf(clientId, anna), await clientOf(clientId, boris), await clientOf(clientId, 1)];
  const errors = async () => (await Promise.all([annas, boriss, admins].map((who) => who.raw('profile')))).map(({ body }) => body.error ?? '');
  const change = (...args: string[]) => json('app', ...args, '--app', clientId);
  expect(await errors()).toEqual(['', '', '']);
  await change('hold');
  expect(await errors()).toEqual(Array(3).fill('OVERLOAD_LIMIT'));
  expect(await json<object[]>('app', 'list')).toContainEqual(expect.objectContaining({ client_id: clientId, title: 'Changing', held: true, users: [] }));
  await change('release');
  await change('restrict', '--users', String(boris));
  expect(await errors()).toEqual(['user_access_error', '', '']);
  await change('restrict', '--everybody');
  expect(await errors()).toEqual(['', '', '']);
  await change('remove');
  expect(await errors()).toEqual(Array(3).fill('APPLICATION_NOT_FOUND'));
  expect(JSON.stringify(await json<object[]>('app', 'list'))).not.toContain(clientId);
});

describe('signing in', () => {
  async function withInput(input: string, ...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
    const child = spawn(process.execPath, [CLI, ...args, ...store, '--json'], { stdio: ['pipe', 'pipe', 'pipe'] });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (data: Buffer) => (stdout += String(data)));
    child.stderr.on('data', (data: Buffer) => (stderr += String(data)));
    child.stdin.end(input);
    const [code] = (await once(child, 'close')) as [number];
    return { code, stdout, stderr };
  }

  async function canSignIn(userId: number, password: string): Promise<boolean> {
    const browser = new Browser(server.ready.http);
    await browser.submit(await browser.get('/sign-in/'), '/sign-in/', { login: String(userId), password });
    return wordsOf(await browser.get('/sign-in/')).includes('You are signed in');
  }

  test('with a password from standard input, and with one that was made', async () => {
    const id = await addUser('Password');
    expect(await withInput('from the pipe\n', 'user', 'password', '--user', String(id))).toMatchObject({ code: 0, stdout: `{"user_id":${id}}\n` });
    expect(await canSignIn(id, 'from the pipe')).toBe(true);
    const { password = '' } = await json('user', 'password', '--user', String(id));
    expect(password).toMatch(/^[a-z\d]{16}$/);
    expect([await canSignIn(id, 'from the pipe'), await canSignIn(id, password)]).toEqual([false, true]);
    expect(await withInput('short', 'user', 'password', '--user', String(id))).toMatchObject({ code: 1, stderr: 'tidemark: the password is shorter than 8 characters\n' });
  });

  test('with a link, once', async () => {
    const id = await addUser('Link');
    const { url = '' } = await json('user', 'link', '--user', String(id));
    expect(url.startsWith(`${server.ready.http}/sign-in/?link=`)).toBe(true);
    const path = url.slice(server.ready.http.length);
    const browser = new Browser(server.ready.http);
    expect((await browser.get(path)).status).toBe(303);
    expect(wordsOf(await browser.get('/sign-in/'))).toContain('Link');
    expect((await browser.get(path)).status).toBe(410);
  });
});

test.concurrent.each([
  [['app', 'add', '--title', ' '], '--title: is empty'],
  [['app', 'add', '--title', 'T', '--scope', 'nope'], '--scope: "nope"'],
  [['app', 'add', '--title', 'T', '--redirect-uri', 'app.example.org'], '--redirect-uri: "app.example.org" is not an address'],
  [['app', 'add', '--title', 'T', '--redirect-uri', 'javascript:alert(1)'], 'must not begin with javascript:'],
  [['app', 'add', '--title', 'T', '--redirect-uri', 'https://app.example.org/#top'], 'must not have a fragment'],
  [['app', 'add', '--title', 'T', '--handler', 'ftp://app.example.org'], '--handler: "ftp://app.example.org" is not an http or https address'],
  [['app', 'add', '--title', 'T', '--users', '1,999'], '--users: there is no user 999'],
  [['app', 'add', '--title', 'T', '--user', 'x'], '--user: "x" is not a user id'],
  [['app', 'hold', '--app', 'local.nope'], '--app: there is no application "local.nope"'],
  [['app', 'restrict', '--app', 'local.nope'], 'either --users or --everybody'],
  [['app', 'token', '--app', 'local.nope', '--user', '1'], '--app: there is no application'],
  [['user', 'link', '--user', '999'], '--user: there is no user 999'],
  [['user', 'password', '--user', '999'], '--user: there is no user 999'],
])('%j is refused in one line', async (args, message) => {
  const { code, stdout, stderr } = await tidemark(...args, ...store);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toContain(message);
  expect(stderr.trim().split('\n')).toHaveLength(1);
});
