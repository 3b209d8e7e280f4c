/** The general chat: who comes into it by itself, and what nobody can do to it. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clientFor, type Client } from '../support/client.ts';
import { addWebhook, SCOPES } from '../../src/identity/webhooks.ts';
import { addCrowd, historyOf, rowOf, say } from '../support/people.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let portal: TestServer;

beforeAll(async () => {
  portal = await startTestServer();
});
afterAll(() => portal[Symbol.asyncDispose]());

const members = (chat: number) => portal.admin.call<number[]>('im.chat.user.list', { CHAT_ID: chat });

async function hire(fields: Record<string, unknown>): Promise<Client> {
  const userId = await portal.admin.call<number>('user.add', fields);
  const webhook = await addWebhook(portal.server.context.db, portal.clock, { userId, scopes: SCOPES, title: 'test' });
  return clientFor(`${portal.http}/rest/${userId}/${webhook!.code}/`, userId);
}

test('without one, new employees have an empty list', async () => {
  expect(await (await hire({ EMAIL: 'first@example.org', NAME: 'First' })).call('im.recent.get')).toEqual([]);
});

describe.each([['small', 0], ['wide', 101]])('in a %s one', (name, extras) => {
  test('new employees are, with all that was said and nothing to read; guests and bots are not', async () => {
    const crowd = await addCrowd(portal, extras);
    const chat = await portal.admin.call<number>('im.chat.add', { TITLE: 'All', ENTITY_TYPE: 'GENERAL', USERS: crowd });
    const dialog = `chat${chat}`;
    if (name === 'small') await say(portal.admin, dialog, { MESSAGE: 'Welcome, everybody' });
    const before = await members(chat);
    const nora = await hire({ EMAIL: `nora.${name}@example.org`, NAME: 'Nora' });
    for (const [EMAIL, EXTERNAL_AUTH_ID, EXTRANET] of [['bot', 'bot', 'N'], ['guest', undefined, 'Y']]) {
      await portal.admin.call('user.add', { EMAIL: `${EMAIL}.${name}@example.org`, EXTERNAL_AUTH_ID, EXTRANET });
    }
    expect(await members(chat)).toEqual([...before, nora.userId].sort((a, b) => a - b));
    expect(await rowOf(nora, dialog)).toMatchObject({ title: 'All', counter: 0, chat: { type: 'general', role: 'MEMBER', user_counter: before.length + 1 } });
    expect((await historyOf(nora, dialog)).map(({ text }) => text)).toEqual(expect.arrayContaining([expect.stringMatching(/Nora.*joined the chat/)]));
    expect(await portal.admin.call('im.counters.get')).toMatchObject({ CHAT: [] });
    for (const [method, params] of [
      ['im.chat.leave', {}], ['im.chat.updateTitle', { TITLE: 'Mine' }], ['im.chat.updateColor', { COLOR: 'MINT' }], ['im.chat.user.add', { USERS: [1] }], ['im.chat.setOwner', { USER_ID: nora.userId }],
    ] as const) {
      expect(await portal.admin.fails(method, { CHAT_ID: chat, ...params })).toMatchObject({ status: 403, error: 'ACCESS_ERROR' });
    }
  });
});

test('who is dismissed, or becomes a guest, leaves it; who comes back is in it again', async () => {
  const [chat] = await portal.admin.call<Array<{ chat_id: number; chat: { type: string } }>>('im.recent.get').then((rows) => rows.filter((row) => row.chat.type === 'general').map((row) => row.chat_id).sort((a, b) => a - b));
  const nora = await hire({ EMAIL: 'leaving@example.org', NAME: 'Leaving' });
  const change = (fields: Record<string, unknown>) => portal.admin.call('user.update', { ID: nora.userId, ...fields });
  const isIn = async () => (await members(chat!)).includes(nora.userId);
  const lines = async () => (await historyOf(portal.admin, `chat${chat}`, { LIMIT: 10 })).filter(({ text }) => text.includes(`[USER=${nora.userId} REPLACE]`)).map(({ text }) => text.replace(/^.*\[\/USER\] /, ''));
  expect(await isIn()).toBe(true);
  await change({ WORK_POSITION: 'Still here' });
  expect([await isIn(), await lines()]).toEqual([true, ['joined the chat']]);
  for (const [leave, come] of [[{ ACTIVE: 'N' }, { ACTIVE: 'Y' }], [{ EXTRANET: 'Y' }, { EXTRANET: 'N' }]] as const) {
    await change(leave);
    expect(await isIn()).toBe(false);
    await change(leave);
    await change(come);
    expect(await isIn()).toBe(true);
  }
  expect(await lines()).toEqual(['joined the chat', 'left the chat', 'joined the chat', 'left the chat', 'joined the chat']);
  expect(await portal.admin.call('im.counters.get')).toMatchObject({ CHAT: [] });
});
