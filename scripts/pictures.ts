/**
 * `scripts/pictures.ts [FOLDER]`: photographs the inbox as a browser draws it, light, dark and on a phone, with the demo team and
 * a few messages of every kind. Without a folder the pictures of the documentation are taken anew.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import sharp from 'sharp';
import { createLog } from '../src/base/log.ts';
import { loadConfig } from '../src/config.ts';
import { makeLink } from '../src/identity/logins.ts';
import { startServer } from '../src/server.ts';
import { setTheScene, type Scene } from './pictures-scene.ts';

const target = process.argv[2] ?? join(import.meta.dirname, '..', 'docs', 'pictures');
const EXECUTABLE = process.env['TIDEMARK_CHROMIUM'] ?? '/usr/bin/chromium';
/** The largest a picture may be, in bytes: it is part of the repository. */
const LARGEST = 150_000;

interface Shot {
  name: string;
  options: BrowserContextOptions;
  /** What is done before it is taken. */
  act: (page: Page, scene: Scene) => Promise<void>;
}

const DESK = { width: 1440, height: 900 };
const TABLET = { width: 768, height: 900 };
const PHONE = { width: 360, height: 740 };
const phone: BrowserContextOptions = { viewport: PHONE, hasTouch: true, isMobile: true };

const openChat = async (page: Page, dialogId: string) => {
  await page.evaluate(`location.hash = '#/${dialogId}'`);
  await page.locator('.msg .bubble').first().waitFor();
};

const SHOTS: Shot[] = [
  { name: 'inbox-light', options: { viewport: DESK }, act: (page, scene) => openChat(page, scene.chat) },
  { name: 'inbox-dark', options: { viewport: DESK, colorScheme: 'dark' }, act: (page, scene) => openChat(page, scene.chat) },
  { name: 'inbox-tablet', options: { viewport: TABLET }, act: (page, scene) => openChat(page, scene.chat) },
  { name: 'list-phone', options: phone, act: async () => undefined },
  { name: 'chat-phone', options: phone, act: (page, scene) => openChat(page, scene.chat) },
  { name: 'chat-phone-dark', options: { ...phone, colorScheme: 'dark' }, act: (page, scene) => openChat(page, scene.chat) },
  { name: 'private-ru', options: { viewport: DESK, locale: 'ru-RU' }, act: (page, scene) => openChat(page, scene.peer) },
  { name: 'program', options: { viewport: DESK, colorScheme: 'dark' }, act: (page, scene) => openChat(page, scene.program) },
  { name: 'chat-info', options: { viewport: DESK }, act: async (page, scene) => {
    await openChat(page, scene.chat);
    await page.locator('.talk-title').click();
    await page.locator('dialog .member').first().waitFor();
  } },
  { name: 'new-chat', options: phone, act: async (page, scene) => {
    await openChat(page, scene.chat);
    await page.goBack();
    await page.getByRole('button', { name: 'New chat' }).first().click();
    await page.locator('dialog .person').first().waitFor();
  } },
  { name: 'menu', options: { viewport: DESK }, act: async (page, scene) => {
    await openChat(page, scene.chat);
    await page.locator('.msg.own .bubble').last().click({ button: 'right' });
  } },
  { name: 'notifications', options: { viewport: DESK }, act: async (page) => {
    await page.evaluate(`location.hash = '#/notify'`);
    await page.locator('.notice').first().waitFor();
  } },
  { name: 'nothing-open', options: { viewport: DESK, colorScheme: 'dark' }, act: async () => undefined },
];

const folder = mkdtempSync(join(tmpdir(), 'tidemark-pictures-'));
const config = { ...loadConfig({}, {}), port: 0, tlsPort: 0, data: folder, empty: false, printWebhook: true };
const server = await startServer(config, { log: createLog('error') });
const browser = await chromium.launch({ executablePath: EXECUTABLE, args: ['--no-sandbox', '--disable-gpu', '--font-render-hinting=none'] });
try {
  const { ready, context } = server;
  const scene = await setTheScene(context, ready.http);
  mkdirSync(target, { recursive: true });
  const only = process.argv[3]?.split(',');
  for (const shot of SHOTS) if (!only || only.includes(shot.name)) await take(browser, shot, scene, (await makeLink(context, scene.me))!);
} finally {
  await browser.close();
  await server[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
}

async function take(from: Browser, { name, options, act }: Shot, scene: Scene, link: string): Promise<void> {
  const profile = await from.newContext({ reducedMotion: 'reduce', locale: 'en-GB', ...options });
  const page = await profile.newPage();
  page.on('console', (message) => ['error', 'warning'].includes(message.type()) && process.stderr.write(`${name}: ${message.text()}\n`));
  page.on('pageerror', (error) => process.stderr.write(`${name}: ${error.stack}\n`));
  await page.goto(`${server.ready.http}/sign-in/?link=${link}&return=/`);
  await page.goto(`${server.ready.http}/`);
  await page.getByRole('option').first().waitFor();
  await act(page, scene);
  await page.evaluate('Promise.all([...document.images].map((image) => image.complete || new Promise((done) => { image.onload = image.onerror = done; })))');
  await page.evaluate('new Promise((done) => setTimeout(done, 500))');
  const png = await sharp(await page.screenshot()).png({ palette: true, quality: 90, effort: 8 }).toBuffer();
  if (png.length > LARGEST) process.stderr.write(`${name} has ${png.length} bytes\n`);
  await sharp(png).toFile(join(target, `${name}.png`));
  await profile.close();
}
