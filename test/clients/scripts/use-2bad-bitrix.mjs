// @2bad/bitrix as its users call it: everything is a GET. CLIENT_INPUT says how it gets in and where the package lies.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const input = JSON.parse(process.env.CLIENT_INPUT);
const require = createRequire(`${input.folder}/x.js`);
const { Bitrix } = require('@2bad/bitrix');
const { version } = JSON.parse(readFileSync(`${input.folder}/node_modules/@2bad/bitrix/package.json`, 'utf8'));
const steps = {};

async function step(name, work) {
  try {
    steps[name] = { value: await work() };
  } catch (error) {
    steps[name] = { error: String(error.code ?? error.name), text: `${error.response?.body?.error ?? ''} ${error.message}` };
  }
}

const bitrix = Bitrix(input.address, input.token);
const call = async (...args) => (await bitrix.call(...args)).result;
const ids = (rows) => rows.map(({ ID }) => Number(ID)).sort((a, b) => a - b);
const group = (key) => ({ method: 'im.dialog.get', params: { DIALOG_ID: `$result[${key}][0][id]` } });

await step('example', () => call('im.recent.get', input.example));
await step('namedBatch', async () => {
  const commands = { me: { method: 'profile' }, recent: { method: 'im.recent.get', params: input.example }, group: group('recent') };
  return (await bitrix.batch(commands)).result.result;
});
await step('listBatch', async () => (await bitrix.batch([{ method: 'profile' }, { method: 'im.recent.get', params: input.example }, group('1')])).result.result);
await step('batchFailed', () => bitrix.batch({ bad: { method: 'im.nope' }, after: { method: 'profile' } }));
await step('many', async () => Object.keys((await bitrix.batch(Array(60).fill({ method: 'server.time' }))).result.result).length);
await step('users', async () => (await bitrix.users.get(String(input.anna))).result.map(({ NAME }) => NAME));
await step('userFields', async () => Object.keys((await bitrix.users.fields()).result).includes('NAME'));
await step('everyone', async () => ids((await bitrix.list('user.get', { order: { ID: 'ASC' } })).result));
await step('filtered', async () => ids((await bitrix.list('user.get', { filter: { '>ID': input.anna, ACTIVE: true } })).result));
await step('text', async () => {
  const params = { DIALOG_ID: 1, MESSAGE: input.text };
  const sent = [await call('im.message.add', params), (await bitrix.batch({ sent: { method: 'im.message.add', params } })).result.result.sent];
  const { messages } = await call('im.dialog.messages.get', { DIALOG_ID: 1, LIMIT: 5 });
  for (const MESSAGE_ID of sent) await call('im.message.delete', { MESSAGE_ID });
  return sent.map((id) => messages.find((message) => message.id === id).text);
});
await step('time', () => call('server.time'));
await step('unknownMethod', () => call('im.nope'));
await step('busy', async () => {
  const start = performance.now();
  await call(input.busyMethod);
  return performance.now() - start;
});

console.log(JSON.stringify({ client: '@2bad/bitrix', version, steps }));
