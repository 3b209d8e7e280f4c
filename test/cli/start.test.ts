/** What `npm start` runs: the built server in place of its launcher, holding no more in memory than a server at rest needs. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Ready } from '../../src/server.ts';
import { type Reply, send } from '../support/http.ts';
import { dropDatabase, ENGINE, freshDatabase } from '../support/server.ts';

const ROOT = join(import.meta.dirname, '..', '..');

let folder: string;
let databaseUrl: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tidemark-start-'));
  databaseUrl = await freshDatabase();
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await dropDatabase(databaseUrl);
});

interface Started extends AsyncDisposable {
  ready: Ready;
  /** Of the process that was started. */
  pid: number;
  /** Ends it and gives its exit code. */
  stop(): Promise<number | null>;
}

/** Runs the demo portal by a program of Node that is given a command line. */
async function start(program: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Started> {
  const store = databaseUrl ? ['--database-url', databaseUrl] : [];
  const args = [...program, 'serve', '--port', '0', '--tls-port', '0', '--json', '--data', folder, ...store];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, NODE_ENV: 'production', ...env } });
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  const stop = async () => {
    if (child.exitCode !== null) return child.exitCode;
    child.kill('SIGTERM');
    return ((await once(child, 'exit')) as [number | null])[0];
  };
  return { ready: JSON.parse(line) as Ready, pid: child.pid!, stop, [Symbol.asyncDispose]: async () => void (await stop()) };
}

const LAUNCHER = [join(ROOT, 'scripts', 'run.mjs'), 'src/cli.ts'];

describe('npm start', () => {
  let server: Started;
  beforeAll(async () => {
    server = await start(LAUNCHER);
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const get = (path: string): Promise<Reply> => send(server.ready.http + path);

  test('the server takes the place of its launcher', () => {
    expect(server.ready.pid).toBe(server.pid);
  });

  test.runIf(process.platform === 'linux')('it runs as it was built, not from its sources', () => {
    const argv = readFileSync(`/proc/${server.pid}/cmdline`, 'utf8').split('\0');
    expect(argv.some((part) => part.endsWith('/cli.js'))).toBe(true);
  });

  test('what it was built of is all there', async () => {
    for (const path of ['/about', '/sw.js', '/icon-192.png', '/manifest.webmanifest', '/docs/', '/docs/im.recent.get', '/docs/docs.css', '/openapi.json', '/metrics', '/readyz']) {
      expect({ path, status: (await get(path)).status }).toEqual({ path, status: 200 });
    }
    const { body } = await send(`${server.ready.admin.webhook}im.recent.get`, {});
    expect((body['result'] as unknown[]).length).toBeGreaterThan(20);
  });

  test('what it loads when it is first asked is there too', async () => {
    const message = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
    const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
    const { body } = await send(`${server.ready.http}/mcp`, { body: JSON.stringify(message), headers });
    const { tools } = body['result'] as { tools: Array<{ name: string }> };
    expect(tools.map(({ name }) => name)).toContain('call_method');
  });

  test('it serves over TLS with a certificate of its own', async () => {
    const { status } = await send(`${server.ready.https}/readyz`, { ca: readFileSync(server.ready.ca, 'utf8') });
    expect(status).toBe(200);
  });

  test('a signal to what was started ends it', async () => {
    expect(await server.stop()).toBe(0);
  });
});

test('at rest nothing is loaded that only a first start, another engine or another program needs', async () => {
  await (await start([join(ROOT, 'src', 'cli.ts')])).stop();
  const list = join(folder, 'loaded');
  const preload = ['--import', join(ROOT, 'test', 'support', 'loaded.mjs')];
  const server = await start([...preload, join(ROOT, 'src', 'cli.ts')], { LOADED_FILES: list });
  for (const path of ['im.recent.get', 'im.recent.list', 'im.message.add?DIALOG_ID=2&MESSAGE=x']) await send(server.ready.admin.webhook + path);
  await server.stop();
  const loaded = readFileSync(list, 'utf8').split('\n').map((url) => url.replace(/^file:.*\/(?=src\/|node_modules\/)/, ''));
  const engine = ENGINE === 'sqlite' ? /node_modules\/pg|engines\/postgres/ : /engines\/(?:sqlite\.|checkpoint)/;
  const late = /@modelcontextprotocol|@peculiar|reflect-metadata|node_modules\/(?:ajv|redis|rolldown|@redis|fast-json-stringify\/index)|src\/(?:demo|reference\/mcp)/;
  expect(loaded).toContain('src/server.ts');
  expect(loaded.filter((file) => late.test(file) || engine.test(file))).toEqual([]);
});
