import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clientFor } from '../support/client.ts';
import { serve, type ServerProcess, tidemark } from '../support/command.ts';
import { dropDatabase, ENGINE, freshDatabase } from '../support/server.ts';

let folder: string;
let databaseUrl: string;
let server: ServerProcess;
/** Says where the store is, whichever engine the run is about. */
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

describe('while the server runs', () => {
  test('the ready line says all that tools need, and the first webhook has every scope', async () => {
    const { ready } = server;
    expect(Object.keys(ready)).toEqual(['ready', 'http', 'https', 'ca', 'admin', 'pid']);
    expect(ready.admin.webhook).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/rest\/1\/[a-z0-9]{32}\/$/);
    expect(existsSync(ready.ca)).toBe(true);
    const admin = clientFor(ready.admin.webhook, 1);
    expect(await admin.call('scope')).toEqual(await admin.call('scope', { FULL: 'Y' }));
  });

  test('user add and webhook add print JSON, and the address works at once', async () => {
    const added = await tidemark('user', 'add', '--name', 'Анна', '--email', 'anna@example.org', ...store, '--json');
    const { id } = JSON.parse(added.stdout) as { id: number };
    const webhook = JSON.parse((await tidemark('webhook', 'add', '--user', String(id), '--scope', 'im', ...store, '--json')).stdout);
    expect(webhook).toEqual({ user_id: id, secret: expect.any(String), url: `${server.ready.http}/rest/${id}/${webhook.secret}/` });
    const anna = clientFor(webhook.url, id);
    expect(await anna.call('im.user.get')).toMatchObject({ id, name: 'Анна' });
    expect(await anna.fails('user.current')).toMatchObject({ status: 401, error: 'insufficient_scope' });
  });

  test('portal set takes effect on the running server', async () => {
    const admin = clientFor(server.ready.admin.webhook, 1);
    await admin.call('im.chat.add', { TITLE: 'Zones' });
    expect(await admin.call('im.recent.get')).toMatchObject([{ date_update: expect.stringMatching(/\+00:00$/) }]);
    expect((await tidemark('portal', 'set', '--timezone', 'Asia/Kolkata', ...store)).code).toBe(0);
    expect(await admin.call('server.time')).toMatch(/\+05:30$/);
    expect(await admin.call('im.recent.get')).toMatchObject([{ date_update: expect.stringMatching(/\+05:30$/) }]);
  });

  test('doctor finds nothing wrong', async () => {
    const { code, stdout } = await tidemark('doctor', ...store, '--json');
    expect(JSON.parse(stdout)).toMatchObject({ healthy: true });
    expect(code).toBe(0);
  });

  test('a second server on the folder is refused with the pid of the first', async () => {
    const second = await tidemark('serve', '--port', '0', '--tls-port', '0', ...store);
    expect(second).toMatchObject({ code: 1, stdout: '' });
    expect(second.stderr).toContain(`(pid ${server.ready.pid})`);
    expect(second.stderr.trim().split('\n')).toHaveLength(1);
  });

  test.each([
    [['webhook', 'add', '--user', '999'], '--user: there is no user 999'],
    [['webhook', 'add', '--user', 'x'], '--user: "x" is not a user id'],
    [['webhook', 'add', '--user', '1', '--scope', 'im,nope'], '--scope: "nope"'],
    [['user', 'add', '--email', 'nope'], '--email: "nope"'],
    [['portal', 'set', '--timezone', 'Mars/Base'], '--timezone: "Mars/Base"'],
    [['portal', 'set'], 'nothing to set'],
  ])('%j is refused in one line', async (args, message) => {
    const { code, stderr } = await tidemark(...args, ...store);
    expect(code).toBe(1);
    expect(stderr).toContain(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });
});

describe('a start that cannot work', () => {
  const missing = () => join(folder, 'never');
  const cannotServe = async (...args: string[]) => {
    const { code, stderr, stdout } = await tidemark('serve', '--tls-port', '0', ...args);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(existsSync(missing())).toBe(false);
    return stderr;
  };

  test('a wrong flag', async () => {
    expect(await cannotServe('--prot', '1', '--data', missing())).toMatch(/^error: unknown option '--prot'\n\(Did you mean --port\?\)\n$/);
    expect(await cannotServe('--port', 'x', '--data', missing())).toContain('--port: "x" is not a port');
    expect(await cannotServe('--trust-proxy', '127.0.0.1, x', '--data', missing())).toContain('--trust-proxy: "x" is not an address');
    expect(await cannotServe('--port', '0', '--data', missing(), '--plan', 'gold')).toContain('--plan: "gold"');
  });

  test('a port in use', async () => {
    const squatter = createServer().listen(0, '127.0.0.1');
    await once(squatter, 'listening');
    const { port } = squatter.address() as AddressInfo;
    const stderr = await cannotServe('--port', String(port), '--data', missing());
    expect(stderr).toContain(`--port: cannot listen on 127.0.0.1 port ${port}: it is in use`);
    squatter.close();
  });

  test('a folder that cannot be made', async () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    expect(await cannotServe('--port', '0', '--data', join(file, 'data'))).toContain('cannot be written');
  });

  test('a database that cannot be reached', async () => {
    const stderr = await cannotServe('--port', '0', '--data', missing(), '--database-url', 'postgres://127.0.0.1:1/none');
    expect(stderr).toMatch(/^tidemark: cannot reach the PostgreSQL database: .*\n$/);
  });

  test('commands on a folder without a portal', async () => {
    const { code, stderr } = await tidemark('user', 'add', '--name', 'X', '--data', missing());
    expect(code).toBe(1);
    expect(stderr).toContain('there is no portal');
  });
});

test('SIGTERM ends the server with 0, and a restart keeps everything; the old webhook still works', async () => {
  const admin = clientFor(server.ready.admin.webhook, 1);
  const chat = await admin.call<number>('im.chat.add', { TITLE: 'Kept', MESSAGE: 'before' });
  const path = new URL(server.ready.admin.webhook).pathname;
  expect(await server.stop()).toBe(0);
  server = await serve(...store);
  const again = clientFor(server.ready.http + path, 1);
  expect(await again.call('im.dialog.get', { DIALOG_ID: `chat${chat}` })).toMatchObject({ name: 'Kept' });
  expect(ENGINE === 'postgres' || existsSync(join(folder, 'tidemark.db'))).toBe(true);
});
