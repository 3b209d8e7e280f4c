/** The examples of docs/push.md, as they stand there: a page in a browser, and a program in Node. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { deleteWebhook } from '../../src/db/stores/portal-store.ts';
import { makeLink } from '../../src/identity/logins.ts';
import type { Client } from '../support/client.ts';
import { freePort } from '../support/free-port.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { useChromium } from './chromium.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const TEXT = readFileSync(join(ROOT, 'docs', 'push.md'), 'utf8');

const { open, complaints } = useChromium();
let portal: TestServer;
let anna: Client;
let boris: Client;

beforeAll(async () => {
  // Clients come back to the address that they know.
  portal = await startTestServer({ port: await freePort() });
  [anna, boris] = [await portal.addUser('Anna'), await portal.addUser('Boris')];
});
afterAll(() => portal[Symbol.asyncDispose]());

/** The first block of a language. */
function example(language: string): string {
  return new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 's').exec(TEXT)![1]!;
}

const say = (MESSAGE: string, to = anna) => boris.call<number>('im.message.add', { DIALOG_ID: to.userId, MESSAGE });

test('in a browser: the title counts, messages and rows are told, also those that were missed while the server was away', async () => {
  const [, script] = /<script type="module">\n(.*)<\/script>/s.exec(example('html'))!;
  const page = await open({ bypassCSP: true });
  await page.goto(`${portal.http}/sign-in/?link=${await makeLink(portal.server.context, anna.userId)}`);
  await page.goto(`${portal.http}/about`);
  const lines: string[] = [];
  page.on('console', (message) => message.type() === 'log' && lines.push(message.text()));
  const told = (text: string) => expect.poll(() => lines.filter((line) => line.endsWith(text)).length, { timeout: 20_000 }).toBe(1);
  await page.addScriptTag({ content: script!, type: 'module' });
  await page.waitForFunction(`document.title === '(0) up to date'`);
  const id = await say('Ahoy');
  await told(`${boris.userId} added ${id} Ahoy`);
  await expect.poll(() => lines.filter((line) => line === '[Boris] [] 1').length).toBe(1);
  await portal.restart();
  const missed = await say('Missed');
  await told(`${boris.userId} added ${missed} Missed`);
  await page.waitForFunction(`/^\\(\\d\\) up to date$/.test(document.title)`);
  const isOfTheBreak = (text: string) => /ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_INCOMPLETE_CHUNKED|ERR_EMPTY_RESPONSE/.test(text);
  expect(complaints.splice(0).filter((text) => !isOfTheBreak(text))).toEqual([]);
});

/** Its lines, and its end. */
function run(code: string, env: Record<string, string>): { lines: string[]; ended: Promise<number>; stop(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-push-'));
  writeFileSync(join(folder, 'listen.mjs'), code);
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const program = spawn(process.execPath, ['listen.mjs'], { cwd: folder, env, stdio: ['ignore', 'pipe', 'inherit'] });
  const lines: string[] = [];
  createInterface({ input: program.stdout }).on('line', (line) => lines.push(line));
  const ended = once(program, 'exit').then(([status]) => status as number);
  const stop = () => {
    program.kill();
    rmSync(folder, { recursive: true, force: true });
  };
  return { lines, ended, stop };
}

test('in Node: what is said is printed, each once over a restart of the server; without the webhook it ends', async () => {
  const clara = await portal.addUser('Clara');
  const { lines, ended, stop } = run(example('js'), { WEBHOOK: clara.url });
  try {
    await expect.poll(() => portal.server.context.live.listeners(clara.userId), { timeout: 20_000 }).toBe(1);
    const line = (text: string) => `${boris.userId} ${text}`;
    await say('One', clara);
    await expect.poll(() => lines, { timeout: 20_000 }).toEqual([line('One')]);
    await portal.restart();
    await say('Two', clara);
    await expect.poll(() => lines, { timeout: 20_000 }).toEqual([line('One'), line('Two')]);
    const { db } = portal.server.context;
    const hooks = await db.read((s) => s.query((q) => q.selectFrom('webhook').select('id').where('user_id', '=', clara.userId)));
    for (const { id } of hooks) await db.write((s) => deleteWebhook(s, id));
    expect(await ended).toBe(1);
  } finally {
    stop();
  }
});
