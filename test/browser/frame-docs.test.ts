/** The application of docs/frames.md, as it stands there. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { addApp } from '../support/application.ts';
import { startTestServer } from '../support/server.ts';
import { useChromium } from './chromium.ts';
import { enter, frameOf } from './portal-frame.ts';

const { open } = useChromium();

/** A port that nobody has at the moment. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, 'localhost');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

test('shows the recent list of whoever opens it', async () => {
  const text = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'frames.md'), 'utf8');
  const [, code] = /```js\n(.*?)```/s.exec(text)!;
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-app-'));
  writeFileSync(join(folder, 'app.mjs'), code!);
  await using portal = await startTestServer();
  const anna = await portal.addUser('Anna');
  await portal.admin.call('im.message.add', { DIALOG_ID: anna.userId, MESSAGE: 'Ahoy' });
  const port = await freePort();
  const app = spawn(process.execPath, ['app.mjs'], { cwd: folder, env: { PORTAL: portal.http, PORT: String(port) }, stdio: 'inherit' });
  try {
    const { id } = await addApp(portal, { pageUrl: `http://localhost:${port}/` });
    await expect.poll(() => fetch(`http://localhost:${port}/`).then(({ ok }) => ok, () => false), { timeout: 20_000 }).toBe(true);
    const page = await open();
    await enter(page, portal, anna.userId, `/marketplace/`);
    await page.goto(`${portal.http}/marketplace/app/${id}/`);
    const frame = await frameOf(page, `http://localhost:${port}`);
    await frame.getByRole('listitem').filter({ hasText: 'Ahoy' }).waitFor();
  } finally {
    app.kill();
    rmSync(folder, { recursive: true, force: true });
  }
});
