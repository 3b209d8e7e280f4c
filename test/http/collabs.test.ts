/** Chats of collabs and of other things: what their kinds allow on the wire, and where they lead. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addCircle, rowOf, say } from '../support/people.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let portal: TestServer;

beforeAll(async () => {
  portal = await startTestServer();
});
afterAll(() => portal[Symbol.asyncDispose]());

let groups = 100;

async function addCollab(params: Record<string, unknown> = {}) {
  const [member, other] = [await portal.addUser('Member'), await portal.addUser('Other')];
  const ENTITY_ID = String((groups += 1));
  const chat = await portal.admin.call<number>('im.chat.add', { TYPE: 'COLLAB', ENTITY_ID, USERS: [member.userId], ...params });
  return { owner: portal.admin, member, other, chat, ENTITY_ID, dialog: `chat${chat}` };
}

describe('a collab', () => {
  test('is the chat of a workgroup, of a type of its own, and counts like any other', async () => {
    const { owner, member, chat, dialog, ENTITY_ID } = await addCollab();
    await member.call('im.dialog.read', { DIALOG_ID: dialog });
    await say(owner, `sg${ENTITY_ID}`);
    expect(await rowOf(member, dialog)).toMatchObject({
      counter: 1, chat: {
        type: 'collab', message_type: 'B', entity_type: 'SONET_GROUP', entity_id: ENTITY_ID, entity_link: { type: 'SONET_GROUP', url: `/workgroups/group/${ENTITY_ID}/`, id: ENTITY_ID },
        restrictions: { avatar: false, rename: false, extend: false, leave: false, leave_owner: false, send: true, mute: true, user_list: true },
      },
    });
    expect(await member.call('im.counters.get')).toMatchObject({ TYPE: { CHAT: 1 }, CHAT: { [chat]: 1 } });
    const rows = await member.call<Array<{ id: string }>>('im.recent.get', { SKIP_CHAT: 'Y' });
    expect(rows).toEqual([]);
    expect(await portal.admin.call('im.chat.add', { TYPE: 'COLLAB', ENTITY_ID })).toBe(chat);
  });

  test('is decided about by its workgroup: not even its owner changes it or its people', async () => {
    const { owner, member, other, chat } = await addCollab();
    for (const [method, params] of [
      ['im.chat.updateTitle', { TITLE: 'X' }], ['im.chat.updateColor', { COLOR: 'MINT' }], ['im.chat.setOwner', { USER_ID: member.userId }],
      ['im.chat.setManager', { USER_ID: member.userId }], ['tidemark.chat.permissions.set', { CAN_POST: 'owner' }],
      ['im.chat.user.add', { USERS: [other.userId] }], ['im.chat.user.delete', { USER_ID: member.userId }], ['im.chat.leave', {}],
    ] as const) expect([method, (await owner.raw(method, { CHAT_ID: chat, ...params })).status]).toEqual([method, 403]);
    expect((await member.raw('im.chat.leave', { CHAT_ID: chat })).status).toBe(403);
    expect(await member.call('im.chat.mute', { CHAT_ID: chat })).toBe(true);
    expect(await member.call('im.chat.user.list', { CHAT_ID: chat })).toEqual([owner.userId, member.userId].sort((a, b) => a - b));
  });

  test('is made by administrators, and of nothing else', async () => {
    const { owner } = await addCircle(portal);
    expect(await owner.fails('im.chat.add', { TYPE: 'COLLAB', ENTITY_ID: '5' })).toMatchObject({ status: 403, error: 'ACCESS_ERROR' });
    expect(await portal.admin.fails('im.chat.add', { TYPE: 'COLLAB', ENTITY_TYPE: 'CRM', ENTITY_ID: 'DEAL|5' })).toMatchObject({ error: 'ERROR_ARGUMENT' });
  });
});

describe('the card of a chat that belongs to something', () => {
  const PATHS: Array<[entityType: string, path: object]> = [
    ['SONET_GROUP', { path: '/workgroups/group/#ID#/', path_title: 'Go to group' }],
    ['TASKS', { path: '/company/personal/user/#USER_ID#/tasks/task/view/#ID#/', path_title: 'Go to task' }],
    ['CALENDAR', { path: '/company/personal/user/#USER_ID#/calendar/?EVENT_ID=#ID#', path_title: 'Go to event' }],
    ['CRM', { path: '', path_title: '' }],
  ];

  test.each(PATHS)('%s says where it leads, its row does not', async (ENTITY_TYPE, path) => {
    const chat = await portal.admin.call<number>('im.chat.add', { ENTITY_TYPE, ENTITY_ID: String((groups += 1)) });
    const { restrictions } = await portal.admin.call<{ restrictions: object }>('im.dialog.get', { DIALOG_ID: `chat${chat}` });
    expect(restrictions).toMatchObject(path);
    expect(await portal.admin.call('im.search.chat.list', { FIND: 'chat', LIMIT: 50 })).toContainEqual(expect.objectContaining({ id: chat, restrictions }));
    const row = await rowOf(portal.admin, `chat${chat}`) as unknown as { chat: { restrictions: object } };
    expect(Object.keys(row.chat.restrictions)).not.toContain('path');
  });

  test.each(['', 'LINES', 'VIDEOCONF', 'MY_THING'])('%j leads nowhere', async (ENTITY_TYPE) => {
    const chat = await portal.admin.call<number>('im.chat.add', { ENTITY_TYPE, ENTITY_ID: '1' });
    const { restrictions } = await portal.admin.call<{ restrictions: object }>('im.dialog.get', { DIALOG_ID: `chat${chat}` });
    expect(Object.keys(restrictions)).toHaveLength(9);
  });
});
