/** Chromium, as people and applications use the server with it. */
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';

const EXECUTABLE = '/usr/bin/chromium';
const ARGS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
];

/** An answer with an error status is noted as an error by the browser, whatever the page makes of it. */
const STATUS_NOTE = /^Failed to load resource: the server responded with a status of/;
/** A worker of the page is not fetched where the certificate is none that the browser trusts, or the page has gone meanwhile; it goes on without. */
const NOT_FETCHED = /^An (?:SSL certificate|unknown) error occurred when fetching the script/;
/** What a page asks for by itself: there an error status is a fault of the page. */
const PARTS = ['stylesheet', 'script', 'image', 'font'];

export interface Chromium {
  /** Opens a page with a profile of its own: no cookies, nothing stored. */
  open(options?: BrowserContextOptions): Promise<Page>;
  /** What the pages had to complain of. A test takes out what it expects; anything else fails it. */
  complaints: string[];
}

/** A browser for the tests of a file. After each test its profiles are closed. */
export function useChromium(): Chromium {
  let browser: Browser;
  const profiles: BrowserContext[] = [];
  const complaints: string[] = [];

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: EXECUTABLE, args: ARGS });
  });
  afterAll(() => browser.close());
  afterEach(async () => {
    for (const profile of profiles.splice(0)) await profile.close();
    expect(complaints.splice(0)).toEqual([]);
  });

  const open: Chromium['open'] = async (options = {}) => {
    const profile = await browser.newContext({ ignoreHTTPSErrors: true, ...options });
    profiles.push(profile);
    listenTo(profile, complaints);
    return profile.newPage();
  };
  return { open, complaints };
}

/** Violations of a content security policy are among what the console says. */
function listenTo(profile: BrowserContext, complaints: string[]): void {
  profile.on('console', (message) => {
    const isComplaint = ['error', 'warning'].includes(message.type()) && !STATUS_NOTE.test(message.text()) && !NOT_FETCHED.test(message.text());
    if (isComplaint) complaints.push(`${message.page()?.url()}: ${message.text()}`);
  });
  profile.on('weberror', (thrown) => complaints.push(String(thrown.error())));
  profile.on('response', (response) => {
    const isPart = PARTS.includes(response.request().resourceType());
    if (isPart && response.status() >= 400) complaints.push(`${response.url()}: ${response.status()}`);
  });
}

/** Pixels by which the page is wider than the window. */
export function overflowOf(page: Page): Promise<number> {
  return page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth');
}

/** What has the keyboard's attention: the name of a field, otherwise the text of the element. */
export function focused(page: Page): Promise<string> {
  return page.evaluate<string>(`((element) => element.matches('input, textarea') ? element.name || element.id : element.textContent.trim())(document.activeElement)`);
}

/** Presses Tab until the field of this name or the element that says just this has the keyboard's attention. */
export async function tabTo(page: Page, text: string): Promise<void> {
  const passed: string[] = [];
  while (passed.length < 200) {
    await page.keyboard.press('Tab');
    const reached = await focused(page);
    if (reached === text) return;
    passed.push(reached);
  }
  throw new Error(`the Tab key does not reach "${text}", only ${passed.slice(0, 20).join(', ')}`);
}
