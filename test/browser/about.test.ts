/** The page at `/about`. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeSetting } from '../../src/db/stores/portal-store.ts';
import { POLICY_KEYS } from '../../src/portal/policy.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { overflowOf, useChromium } from './chromium.ts';

const { open } = useChromium();
let portal: TestServer;

beforeAll(async () => {
  portal = await startTestServer();
});
afterAll(() => portal[Symbol.asyncDispose]());

const DOCUMENTS = ['/docs/', '/openapi.json'];
const ALWAYS = ['/sign-in/', '/healthz', '/readyz', '/metrics'];

async function linksOf(path: string): Promise<string[]> {
  const page = await open();
  await page.goto(path);
  return page.locator('a').evaluateAll((links) => links.map((link) => link.getAttribute('href')!));
}

test('every link leads somewhere', async () => {
  const links = await linksOf(`${portal.http}/about`);
  expect(links).toEqual(['/', ...DOCUMENTS, ...ALWAYS]);
  for (const link of links) expect((await fetch(portal.http + link)).status).toBe(200);
});

test('without the documentation there is no link to it', async () => {
  const { db } = portal.server.context;
  await db.write((s) => writeSetting(s, POLICY_KEYS.docs, '0'));
  expect(await linksOf(`${portal.http}/about`)).toEqual(['/', ...ALWAYS]);
  await db.write((s) => writeSetting(s, POLICY_KEYS.docs, '1'));
});

test('the call is shown with the address that the reader has come by', async () => {
  for (const origin of [portal.http, portal.https, portal.http.replace('127.0.0.1', 'localhost')]) {
    const page = await open();
    await page.goto(`${origin}/about`);
    expect(await page.getByText('curl').textContent()).toContain(`'${origin}/rest/<user id>/<webhook code>/im.recent.get'`);
  }
});

test('the name of the portal is text', async () => {
  const { db } = portal.server.context;
  await db.write((s) => writeSetting(s, 'name', '<script>alert(1)</script> & "Größe"'));
  const page = await open();
  await page.goto(`${portal.http}/about`);
  expect(await page.title()).toBe('<script>alert(1)</script> & "Größe"');
  expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('<script>alert(1)</script> & "Größe"');
});

describe('on every screen', () => {
  test.each([
    ['light', 360], ['dark', 360], ['light', 1280], ['dark', 1280],
  ] as const)('%s, %i pixels wide', async (colorScheme, width) => {
    const page = await open({ colorScheme, viewport: { width, height: 740 } });
    await page.goto(`${portal.http}/about`);
    expect(await overflowOf(page)).toBe(0);
  });
});
