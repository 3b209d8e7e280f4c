/** What a chat looks like, whom it belongs to and who may do what in it: for everybody in it, whatever its size. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Client } from '../support/client.ts';
import { addCircle, addCrowd, type Circle, historyOf, type Row, rowOf, say, SIZES, stable } from '../support/people.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let portal: TestServer;

beforeAll(async () => {
  portal = await startTestServer();
});
afterAll(() => portal[Symbol.asyncDispose]());

const cardOf = (who: Client, DIALOG_ID: string) => who.call<Record<string, unknown>>('im.dialog.get', { DIALOG_ID });

/** What somebody's client, which has the list from before, is told of. */
async function toldOf(who: Client, happens: () => Promise<unknown>): Promise<Row[]> {
  // What the chat itself tells while it is warm must be told of the members' rows too.
  await portal.server.context.folding.foldAll();
  const { token } = await who.call<{ token: string }>('tidemark.recent.changes');
  await happens();
  return stable((await who.call<{ items: Row[] }>('tidemark.recent.changes', { TOKEN: token })).items);
}

describe.each(SIZES)('in %s', (_size, extras) => {
  let crowd: number[];
  const circle = (params?: Record<string, unknown>): Promise<Circle> => addCircle(portal, crowd, params);

  beforeAll(async () => {
    crowd = await addCrowd(portal, extras);
  });

  describe('another colour', () => {
    test('shows in everybody\'s row, with a line that counts', async () => {
      const { owner, member, other, chat, dialog } = await circle({ COLOR: 'RED' });
      expect(await member.call('im.chat.updateColor', { CHAT_ID: chat, COLOR: 'mint' })).toBe(true);
      for (const who of [owner, member, other]) expect(await rowOf(who, dialog)).toMatchObject({ avatar: { color: '#4ba984' }, chat: { color: '#4ba984' } });
      expect(await rowOf(other, dialog)).toMatchObject({ counter: 1, message: { author_id: 0, text: expect.stringMatching(/^Member .*"Mint"$/) as string } });
      expect(await rowOf(member, dialog)).toMatchObject({ counter: 0 });
    });

    test('is for those who may change how the chat looks', async () => {
      const { owner, member, chat, dialog } = await circle({ TYPE: 'CHANNEL', COLOR: 'RED' });
      expect(await member.fails('im.chat.updateColor', { CHAT_ID: chat, COLOR: 'MINT' })).toMatchObject({ status: 403, error: 'ACCESS_ERROR' });
      await owner.call('im.chat.setManager', { CHAT_ID: chat, USER_ID: member.userId });
      expect(await member.call('im.chat.updateColor', { DIALOG_ID: dialog, COLOR: 'MINT' })).toBe(true);
    });
  });

  describe('another owner', () => {
    test('shows in everybody\'s row, with a line that counts for nobody; the one before stays a manager', async () => {
      const { owner, member, other, chat, dialog } = await circle();
      const seen = await toldOf(other, () => owner.call('im.chat.setOwner', { CHAT_ID: chat, USER_ID: member.userId }));
      const shown = { owner: member.userId, manager_list: [owner.userId, member.userId].sort((a, b) => a - b) };
      expect(seen).toMatchObject([{ id: dialog, counter: 0, chat: { ...shown, role: 'MEMBER' }, message: { author_id: 0, text: expect.stringMatching(/^Owner made Member the owner/) as string } }]);
      expect(await rowOf(owner, dialog)).toMatchObject({ counter: 0, chat: { ...shown, role: 'MANAGER' } });
      expect(await rowOf(member, dialog)).toMatchObject({ counter: 0, chat: { ...shown, role: 'OWNER' } });
    });

    test('is named by the owner alone', async () => {
      const { owner, member, other, chat } = await circle();
      await owner.call('im.chat.setManager', { CHAT_ID: chat, USER_ID: member.userId });
      for (const who of [member, other]) {
        expect(await who.fails('im.chat.setOwner', { CHAT_ID: chat, USER_ID: other.userId })).toMatchObject({ error: 'WRONG_REQUEST' });
      }
    });

    test('being named again changes nothing', async () => {
      const { owner, chat, dialog } = await circle();
      const before = await rowOf(owner, dialog);
      expect(await owner.call('im.chat.setOwner', { CHAT_ID: chat, USER_ID: owner.userId })).toBe(true);
      expect(await rowOf(owner, dialog)).toEqual(before);
    });
  });

  describe('a manager', () => {
    test('shows in everybody\'s row, without a line, until dismissed', async () => {
      const { owner, member, other, chat, dialog } = await circle();
      const before = (await historyOf(owner, dialog)).length;
      const seen = await toldOf(other, () => owner.call('im.chat.setManager', { CHAT_ID: chat, USER_ID: member.userId }));
      const list = [owner.userId, member.userId].sort((a, b) => a - b);
      expect(seen).toMatchObject([{ id: dialog, counter: 0, chat: { manager_list: list } }]);
      expect(await rowOf(member, dialog)).toMatchObject({ chat: { role: 'MANAGER', manager_list: list } });
      expect(await cardOf(member, dialog)).toMatchObject({ role: 'manager' });
      await owner.call('im.chat.setManager', { CHAT_ID: chat, USER_ID: member.userId, IS_MANAGER: 'N' });
      expect(await rowOf(member, dialog)).toMatchObject({ chat: { role: 'MEMBER', manager_list: [owner.userId] } });
      expect(await historyOf(owner, dialog)).toHaveLength(before);
    });

    test('removes members and deletes what others said, but neither the owner nor as a member', async () => {
      const { owner, member, other, chat, dialog } = await circle();
      const [said, again] = [await say(other, dialog), await say(other, dialog)];
      const remove = (who: Client, USER_ID: number) => who.raw('im.chat.user.delete', { CHAT_ID: chat, USER_ID });
      expect(await member.fails('im.message.delete', { MESSAGE_ID: said })).toMatchObject({ error: 'CANT_EDIT_MESSAGE' });
      expect((await remove(member, other.userId)).body.error).toBe('ACCESS_DENIED_KICK');
      await owner.call('im.chat.setManager', { CHAT_ID: chat, USER_ID: member.userId });
      expect(await member.call('im.message.delete', { MESSAGE_ID: said })).toBe(true);
      expect((await remove(member, owner.userId)).body.error).toBe('ACCESS_DENIED_KICK');
      expect((await remove(member, other.userId)).body.result).toBe(true);
      await owner.call('im.chat.setManager', { CHAT_ID: chat, USER_ID: member.userId, IS_MANAGER: 'N' });
      expect(await member.fails('im.message.delete', { MESSAGE_ID: again })).toMatchObject({ error: 'CANT_EDIT_MESSAGE' });
    });

    test('inherits before longer-standing members, and leaving takes them off the list', async () => {
      const { owner, member, other, chat, dialog } = await circle();
      await owner.call('im.chat.setManager', { CHAT_ID: chat, USER_ID: other.userId });
      await owner.call('im.chat.leave', { CHAT_ID: chat });
      expect(await rowOf(member, dialog)).toMatchObject({ chat: { owner: other.userId, manager_list: [other.userId] } });
      await other.call('im.chat.setManager', { CHAT_ID: chat, USER_ID: member.userId });
      await member.call('im.chat.leave', { CHAT_ID: chat });
      expect(await rowOf(other, dialog)).toMatchObject({ chat: { manager_list: [other.userId] } });
    });
  });

  describe('settings of who may do what', () => {
    test('show in everybody\'s row, and what is not given stays', async () => {
      const { owner, other, chat, dialog } = await circle();
      const set = (params: Record<string, unknown>) => owner.call('tidemark.chat.permissions.set', { CHAT_ID: chat, ...params });
      const shown = { manage_users_delete: 'manager', manage_ui: 'member', manage_settings: 'owner' };
      const seen = await toldOf(other, () => set({ CAN_POST: 'Manager', MANAGE_USERS_ADD: 'none' }));
      const first = { ...shown, can_post: 'manager', manage_messages: 'manager', manage_users_add: 'none' };
      expect(seen).toMatchObject([{ id: dialog, chat: { permissions: first, text_field_enabled: false } }]);
      await set({ MANAGE_UI: 'owner' });
      expect((await cardOf(other, dialog))['permissions']).toEqual({ ...first, manage_ui: 'owner' });
      expect(await toldOf(other, () => set({ MANAGE_UI: 'owner' }))).toEqual([]);
    });

    test('are kept by every method', async () => {
      const { owner, member, other, chat, dialog } = await circle();
      const newcomer = await portal.addUser('Newcomer');
      const set = (params: Record<string, unknown>) => owner.call('tidemark.chat.permissions.set', { CHAT_ID: chat, ...params });
      const attempts: Array<[string, string, Record<string, unknown>, string]> = [
        ['CAN_POST', 'im.message.add', { DIALOG_ID: dialog, MESSAGE: 'said' }, 'ACCESS_ERROR'],
        ['MANAGE_UI', 'im.chat.updateTitle', { CHAT_ID: chat, TITLE: 'New' }, 'ACCESS_ERROR'],
        ['MANAGE_UI', 'im.chat.updateColor', { CHAT_ID: chat, COLOR: 'SAND' }, 'ACCESS_ERROR'],
        ['MANAGE_USERS_ADD', 'im.chat.user.add', { CHAT_ID: chat, USERS: [newcomer.userId] }, 'ACCESS_DENIED_EXTEND'],
        ['MANAGE_SETTINGS', 'tidemark.chat.permissions.set', { CHAT_ID: chat, MANAGE_SETTINGS: 'member' }, 'ACCESS_ERROR'],
        ['MANAGE_USERS_DELETE', 'im.chat.user.delete', { CHAT_ID: chat, USER_ID: other.userId }, 'ACCESS_DENIED_KICK'],
      ];
      for (const [permission, method, params, code] of attempts) {
        await set({ [permission]: 'manager' });
        expect(await member.fails(method, params)).toMatchObject({ error: code });
        await set({ [permission]: 'member' });
        expect((await member.raw(method, params)).status).toBe(200);
      }
    });

    test('to "none" keep the owner out too, but never from the settings', async () => {
      const { owner, chat, dialog } = await circle();
      await owner.call('tidemark.chat.permissions.set', { DIALOG_ID: dialog, CAN_POST: 'none' });
      expect(await owner.fails('im.message.add', { DIALOG_ID: dialog, MESSAGE: 'said' })).toMatchObject({ error: 'ACCESS_ERROR' });
      const wrong = await owner.fails('tidemark.chat.permissions.set', { CHAT_ID: chat, MANAGE_SETTINGS: 'none' });
      expect(wrong).toMatchObject({ error: 'ERROR_ARGUMENT', argument: 'MANAGE_SETTINGS' });
      await owner.call('tidemark.chat.permissions.set', { CHAT_ID: chat, CAN_POST: 'owner' });
      await say(owner, dialog);
    });

    test('let members of a channel write, and im.recent.list knows', async () => {
      const { owner, member, chat, dialog } = await circle({ TYPE: 'CHANNEL' });
      const manageable = async () => (await member.call<{ items: Row[] }>('im.recent.list', { CAN_MANAGE_MESSAGES: 'Y' })).items.map(({ id }) => id);
      expect(await manageable()).not.toContain(dialog);
      await owner.call('tidemark.chat.permissions.set', { CHAT_ID: chat, CAN_POST: 'member' });
      expect(await manageable()).toContain(dialog);
      await say(member, dialog);
    });
  });
});

describe('im.chat.get', () => {
  let ids = 0;
  const entity = () => ({ ENTITY_TYPE: 'MY_THING', ENTITY_ID: `thing ${(ids += 1)}` });
  const find = (who: Client, params: Record<string, unknown>) => who.call('im.chat.get', params);

  test('finds the chat of an entity for who is in it, the oldest of several', async () => {
    const [owner, member, stranger] = [await portal.addUser('Owner'), await portal.addUser('Member'), await portal.addUser('Stranger')];
    const thing = entity();
    const [first, second] = [await owner.call('im.chat.add', thing), await owner.call('im.chat.add', { ...thing, USERS: [member.userId] })];
    expect(await find(owner, thing)).toEqual({ ID: first });
    expect(await find(member, { ...thing, ENTITY_TYPE: 'my_thing' })).toEqual({ ID: second });
    expect(await find(stranger, thing)).toBeNull();
    await member.call('im.chat.leave', { CHAT_ID: second });
    expect(await find(member, thing)).toBeNull();
  });

  test('finds an open chat for people of the portal, not for guests', async () => {
    const [owner, colleague, guest] = [await portal.addUser('Owner'), await portal.addUser('Colleague'), await portal.addUser('Guest', { extranet: 1 })];
    const thing = entity();
    const chat = await owner.call('im.chat.add', { ...thing, TYPE: 'OPEN' });
    expect(await find(colleague, thing)).toEqual({ ID: chat });
    expect(await find(guest, thing)).toBeNull();
  });

  test.each([[{}], [{ ENTITY_TYPE: '', ENTITY_ID: '' }], [{ ENTITY_TYPE: 'MY_THING' }], [{ ENTITY_ID: 'thing 1' }], [{ ENTITY_TYPE: 'NOT_THERE', ENTITY_ID: '1' }]])(
    'finds nothing with %j', async (params) => {
      expect(await find(portal.admin, params)).toBeNull();
    },
  );
});
