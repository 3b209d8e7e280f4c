/** An application opened in the portal. */
import type { Frame, Page } from 'playwright-core';
import { makeLink } from '../../src/identity/logins.ts';
import type { TestApp } from '../support/application.ts';
import type { TestServer } from '../support/server.ts';

export const pathOf = ({ id }: TestApp): string => `/marketplace/app/${id}/`;

/** Signs the user in, and leads to an address of the portal. */
export async function enter(page: Page, portal: TestServer, userId: number, path: string, origin = portal.http): Promise<void> {
  const link = (await makeLink(portal.server.context, userId))!;
  await page.goto(`${origin}/sign-in/?${new URLSearchParams({ link, return: path })}`);
}

/** The frame of the application's page, once that is there. `layer` counts those that lie above the page. */
export async function frameOf(page: Page, origin: string, layer = 0): Promise<Frame> {
  await page.locator('iframe').nth(layer).waitFor();
  const handle = await page.locator('iframe').nth(layer).elementHandle();
  const frame = (await handle!.contentFrame())!;
  await frame.waitForURL((url) => url.origin === origin);
  return frame;
}

/** Runs a piece of the application's code in its page. */
export function inFrame<T>(frame: Frame, code: string): Promise<T> {
  return frame.evaluate<T>(`(async () => { ${code} })()`);
}
