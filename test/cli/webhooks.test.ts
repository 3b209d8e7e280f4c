/** The webhooks that a start prints, and how webhooks are seen and ended, while the server runs. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { storeFlags } from '../../src/commands/kit.ts';
import { loadConfig } from '../../src/config.ts';
import { clientFor } from '../support/client.ts';
import { CLI, serve, tidemark } from '../support/command.ts';
import { dropDatabase, freshDatabase } from '../support/server.ts';


let folder: string;
let databaseUrl: string;
let store: string[];

beforeAll(async () => {
  // A name that a shell would take apart.
  folder = mkdtempSync(join(tmpdir(), "tidemark-cli it's a "));
  databaseUrl = await freshDatabase();
  store = ['--data', folder, ...(databaseUrl ? ['--database-url', databaseUrl] : [])];
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await dropDatabase(databaseUrl);
});

interface Listed {
  id: number;
  user_id: number;
  title: string;
  scope: string;
}

const list = async () => JSON.parse((await tidemark('webhook', 'list', ...store, '--json')).stdout) as Listed[];

/** Starts a server without --json and gives all that it has printed once it is up. */
async function printedBy(...args: string[]): Promise<string> {
  const child = spawn(process.execPath, [CLI, 'serve', '--port', '0', '--tls-port', '0', '--empty', '--log-level', 'debug', ...store, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  const up = new Promise<void>((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        printed += String(chunk);
        if (printed.includes('Stop it with')) resolve();
      });
    }
  });
  await up;
  child.kill('SIGTERM');
  await once(child, 'exit');
  return printed;
}

const WEBHOOK = /\/rest\/\d+\/[a-z0-9]{16,}/;

test('a start that is not at a terminal makes and prints no webhook, and says how to get one', async () => {
  for (let start = 0; start < 2; start += 1) {
    const printed = await printedBy();
    expect(printed).not.toMatch(WEBHOOK);
    expect(printed).not.toContain('link=');
    expect(printed).toContain('webhook add --user 1');
  }
  expect(await list()).toEqual([]);
});

/** Runs a command that a start has printed, as it stands; only the address of a database is filled in. */
async function runPrinted(command: string): Promise<string> {
  const inShell = command.replace('npm run -s tidemark --', `'${process.execPath}' '${CLI}'`).replace('<url>', `'${databaseUrl}'`);
  const child = spawn('sh', ['-c', inShell], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [printed, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  expect({ code, printed }).toEqual({ code: 0, printed: expect.any(String) });
  return printed;
}

test('the printed commands find the portal that printed them, and say no password', async () => {
  const command = /npm run .* webhook add .*/.exec(await printedBy())![0];
  expect(await runPrinted(command)).toMatch(WEBHOOK);
  const [listing, removal] = (await printedBy('--print-webhook')).match(/npm run .* webhook (?:list|remove).*/g)!;
  expect(`${command}${listing}${removal}`).not.toContain('postgres:');
  for (const { id } of await list()) await runPrinted(removal!.replace('<id>', String(id)));
  expect((await runPrinted(listing!)).trim()).toBe('');
  expect(await list()).toEqual([]);
});

test('a portal in the usual folder is found without flags', () => {
  const usual = { ...loadConfig({}, {}), data: join(import.meta.dirname, '..', '..', 'data') };
  expect(storeFlags(usual, {})).toBe('');
  expect(storeFlags({ ...usual, data: 'elsewhere' }, {})).toBe(` --data ${resolve('elsewhere')}`);
  const databaseUrl = 'postgres://tidemark:secret@127.0.0.1/tidemark';
  expect(storeFlags({ ...usual, databaseUrl }, {})).toBe(' --database-url <url>');
  expect(storeFlags({ ...usual, databaseUrl }, { TIDEMARK_DATABASE_URL: databaseUrl })).toBe('');
});

test('one is printed when asked, and takes the place of the one before', async () => {
  const printed = await printedBy('--print-webhook');
  expect(printed).toMatch(/http:\/\/127\.0\.0\.1:\d+\/sign-in\/\?link=[\da-f]{48}\n/);
  const first = WEBHOOK.exec(printed)![0];
  for (let start = 0; start < 2; start += 1) {
    const later = WEBHOOK.exec(await printedBy('--print-webhook'))![0];
    expect(later).not.toBe(first);
    expect(await list()).toHaveLength(1);
  }
});

test('--json always has one; what list shows, remove ends at once', async () => {
  await using server = await serve(...store);
  const admin = clientFor(server.ready.admin.webhook, 1);
  await admin.call('profile');
  expect(await list()).toHaveLength(1);
  const added = JSON.parse((await tidemark('webhook', 'add', '--user', '1', '--title', 'Mine', ...store, '--json')).stdout) as { secret: string; url: string };
  const mine = clientFor(added.url, 1);
  await mine.call('profile');
  const plain = await tidemark('webhook', 'list', ...store);
  expect(plain.stdout).toContain('Mine');
  expect(`${plain.stdout}${JSON.stringify(await list())}`).not.toContain(added.secret);
  const { id } = (await list()).find(({ title }) => title === 'Mine')!;
  expect((await tidemark('webhook', 'remove', String(id), ...store)).code).toBe(0);
  expect(await mine.fails('profile')).toMatchObject({ status: 401, error: 'INVALID_CREDENTIALS' });
  expect((await list()).map(({ title }) => title)).not.toContain('Mine');
  await admin.call('profile');
  expect((await tidemark('webhook', 'remove', '--webhook', server.ready.admin.webhook, ...store)).code).toBe(0);
  expect(await admin.fails('profile')).toMatchObject({ error: 'INVALID_CREDENTIALS' });
  for (const args of [[], ['--webhook', '999999'], [added.secret]]) expect((await tidemark('webhook', 'remove', ...args, ...store)).code).toBe(1);
});

test.each([',', ' , ', 'im,nope'])('a scope %j that names none or an unknown one makes no webhook', async (scope) => {
  const { code, stderr } = await tidemark('webhook', 'add', '--user', '1', '--scope', scope, ...store);
  expect(code).toBe(1);
  expect(stderr).toContain('--scope');
});
