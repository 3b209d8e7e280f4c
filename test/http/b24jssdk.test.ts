/** The official JavaScript SDK, unmodified, in hook mode over TLS with the local CA: the page's own example and more. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../support/server.ts';

let portal: TestServer;

beforeAll(async () => {
  portal = await startTestServer();
});
afterAll(() => portal[Symbol.asyncDispose]());

/** Node reads the list of trusted certificates when it starts, so the SDK runs in a process of its own. */
async function withSdk(script: string): Promise<unknown> {
  const webhook = portal.admin.url.replace(portal.http, portal.https);
  const source = `
    import { B24Hook } from '@bitrix24/b24jssdk';
    const $b24 = B24Hook.fromWebhookUrl(${JSON.stringify(webhook.replace(/\/$/, ''))});
    const call = async (...args) => (await $b24.callMethod(...args)).getData().result;
    const outcome = await (async () => { ${script} })();
    console.log(JSON.stringify(outcome));
    process.exit(0);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', source], {
    cwd: import.meta.dirname,
    env: { ...process.env, NODE_EXTRA_CA_CERTS: portal.ca },
  });
  let [output, errors] = ['', ''];
  child.stdout.on('data', (data: Buffer) => (output += String(data)));
  child.stderr.on('data', (data: Buffer) => (errors += String(data)));
  const [code] = (await once(child, 'close')) as [number];
  if (code !== 0) throw new Error(errors);
  return JSON.parse(output.trim().split('\n').at(-1)!);
}

test('the example of the page im.recent.get', async () => {
  await portal.admin.call('im.chat.add', { TITLE: 'Привет 🌊', MESSAGE: 'Hello' });
  const rows = await withSdk(`
    const response = await $b24.callMethod('im.recent.get', { SKIP_OPENLINES: 'Y', LAST_UPDATE: '2026-02-25T18:30:00+01:00' });
    return response.getData().result;`);
  expect(rows).toMatchObject([{ type: 'chat', title: 'Привет 🌊', message: { text: 'Hello' } }]);
});

test('writing and reading, an error with its code, an unknown method', async () => {
  const outcome = await withSdk(`
    const id = await call('im.message.add', { DIALOG_ID: 1, MESSAGE: 'note to myself' });
    const [row] = await call('im.recent.get', { SKIP_CHAT: 'Y' });
    const code = async (method, params) => { try { await call(method, params); return 'none'; } catch (error) { return error.code; } };
    return { same: row.message.id === id, failed: await code('im.dialog.get', {}), unknown: await code('im.nope', {}), time: await call('server.time') };`);
  expect(outcome).toMatchObject({ same: true, failed: 'DIALOG_ID_EMPTY', unknown: 'ERROR_METHOD_NOT_FOUND', time: expect.any(String) });
});
