/** The page of docs/push.md, as it stands there, in a browser. That in Node: test/http/push-page.test.ts. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeLink } from '../../src/identity/logins.ts';
import type { Client } from '../support/client.ts';
import { freePort } from '../support/free-port.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { useChromium } from './chromium.ts';

const TEXT = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'push.md'), 'utf8');

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

const say = (MESSAGE: string) => boris.call<number>('im.message.add', { DIALOG_ID: anna.userId, MESSAGE });

test('in a browser: the title counts, messages and rows are told, also those that were missed while the server was away', async () => {
  const [, script] = /```html\n<script type="module">\n(.*?)<\/script>/s.exec(TEXT)!;
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
