/** What pins, mutes and hiding do to the caller's own row, whatever the size of the chat. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Client } from '../support/client.ts';
import { addCircle, addCrowd, type Circle, historyOf, type Row, rowOf, say, SIZES } from '../support/people.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let portal: TestServer;

beforeAll(async () => {
  portal = await startTestServer();
});
afterAll(() => portal[Symbol.asyncDispose]());

const pin = (who: Client, DIALOG_ID: number | string, params: Record<string, unknown> = {}) => who.call<boolean>(
  'im.recent.pin', { DIALOG_ID, ...params }
);
const hide = (who: Client, DIALOG_ID: number | string) => who.call<boolean>('im.recent.hide', { DIALOG_ID });

describe.each(SIZES)('in %s', (_size, extras) => {
  let crowd: number[];
  const circle = (): Promise<Circle> => addCircle(portal, crowd);

  beforeAll(async () => {
    crowd = await addCrowd(portal, extras);
  });

  describe('hiding', () => {
    test('takes the row out of the caller\'s list alone, unpins and reads it', async () => {
      const { owner, member, other, dialog } = await circle();
      const id = await say(owner, dialog);
      await pin(member, dialog);
      await member.call('im.recent.unread', { DIALOG_ID: dialog });
      expect(await hide(member, dialog)).toBe(true);
      expect(await rowOf(member, dialog)).toBeUndefined();
      expect(await member.call('im.counters.get')).toMatchObject({ TYPE: { ALL: 0 }, CHAT: [], CHAT_UNREAD: [] });
      expect(await member.call('im.dialog.get', { DIALOG_ID: dialog })).toMatchObject({ counter: 0, last_id: id });
      expect(await rowOf(other, dialog)).toMatchObject({ counter: 1 });
    });

    test('ends with the next message, of whomever, unpinned and not marked', async () => {
      const { owner, member, other, chat, dialog } = await circle();
      const returns: Array<() => Promise<unknown>> = [
        () => say(owner, dialog), () => say(member, dialog), () => say(other, dialog, { SYSTEM: 'Y' }),
        () => other.call('im.chat.updateTitle', { CHAT_ID: chat, TITLE: 'New' }),
      ];
      for (const happens of returns) {
        await pin(member, dialog);
        await hide(member, dialog);
        await happens();
        expect(await rowOf(member, dialog)).toMatchObject({ pinned: false, unread: false });
      }
    });

    test('does not end with edits, deletions, reads, pins or marks', async () => {
      const { owner, member, chat, dialog } = await circle();
      const ids = [await say(owner, dialog), await say(owner, dialog), await say(owner, dialog)];
      await hide(member, dialog);
      const stays: Array<() => Promise<unknown>> = [
        () => owner.call('im.message.update', { MESSAGE_ID: ids[2], MESSAGE: 'x' }), () => owner.call('im.message.delete', { MESSAGE_ID: ids[2] }),
        () => pin(member, dialog), () => member.call('im.recent.unread', { DIALOG_ID: dialog }),
        () => member.call('im.dialog.read', { DIALOG_ID: dialog }),
        () => member.call('im.chat.mute', { CHAT_ID: chat }), () => member.call('im.dialog.unread', { DIALOG_ID: dialog, MESSAGE_ID: ids[0] }),
        () => owner.call('im.message.delete', { MESSAGE_ID: ids[1] }), () => hide(member, dialog),
      ];
      for (const happens of stays) {
        await happens();
        expect(await rowOf(member, dialog)).toBeUndefined();
      }
      expect((await historyOf(member, dialog))[0]).toMatchObject({ id: ids[0] });
      await say(owner, dialog);
      expect(await rowOf(member, dialog)).toMatchObject({ counter: 1 });
    });
  });

  describe('muting', () => {
    test('silences for the caller; counting goes on apart from the totals', async () => {
      const { owner, member, chat, dialog } = await circle();
      expect(await member.call('im.chat.mute', { CHAT_ID: chat })).toBe(true);
      await say(owner, dialog);
      expect(await rowOf(member, dialog)).toMatchObject({ counter: 1, chat: { mute_list: { [member.userId]: true } } });
      expect(await rowOf(owner, dialog)).toMatchObject({ chat: { mute_list: [] } });
      expect(await member.call('im.counters.get')).toMatchObject({ TYPE: { ALL: 0 }, CHAT: [], CHAT_MUTED: { [chat]: 1 } });
      expect(await member.call('im.dialog.get', { DIALOG_ID: dialog })).toMatchObject({ mute_list: [member.userId] });
    });

    test.each([{ MUTE: 'N' }, { ACTION: 'N' }, { ACTION: 'N', MUTE: 'Y' }])('ends with %j', async (params) => {
      const { member, chat, dialog } = await circle();
      await member.call('im.chat.mute', { DIALOG_ID: dialog });
      await member.call('im.chat.mute', { CHAT_ID: chat, ...params });
      expect(await rowOf(member, dialog)).toMatchObject({ chat: { mute_list: [] } });
    });
  });

  describe('pinning', () => {
    test('puts the row first until it is taken away, whatever happens elsewhere', async () => {
      const { owner, member, dialog } = await circle();
      expect(await pin(member, dialog)).toBe(true);
      expect(await pin(member, dialog)).toBe(true);
      await say(owner, member.userId);
      const rows = await member.call<Row[]>('im.recent.get');
      expect(rows.map((row) => [row.id, row.pinned])).toEqual([[dialog, true], [owner.userId, false]]);
      expect(await rowOf(owner, dialog)).toMatchObject({ pinned: false });
      for (const params of [{ PIN: 'N' }, { ACTION: 'N' }, { ACTION: 'N', PIN: 'Y' }]) {
        await pin(member, dialog);
        expect(await pin(member, dialog, params)).toBe(true);
        expect(await rowOf(member, dialog)).toMatchObject({ pinned: false });
      }
    });

    test('of a hidden row or a dialog without one gives false', async () => {
      const { member, dialog } = await circle();
      await hide(member, dialog);
      for (const id of [dialog, portal.admin.userId]) expect(await pin(member, id)).toBe(false);
    });
  });
});

describe('private dialogs', () => {
  test('are hidden, pinned and marked for the caller alone', async () => {
    const { owner, member } = await addCircle(portal);
    await say(owner, member.userId);
    await pin(member, owner.userId);
    await member.call('im.recent.unread', { DIALOG_ID: owner.userId });
    expect(await rowOf(member, owner.userId)).toMatchObject({ pinned: true, unread: true });
    expect(await rowOf(owner, member.userId)).toMatchObject({ pinned: false, unread: false });
    await hide(member, owner.userId);
    expect(await rowOf(member, owner.userId)).toBeUndefined();
    expect(await rowOf(owner, member.userId)).toMatchObject({ counter: 0 });
    await say(member, owner.userId);
    expect(await rowOf(member, owner.userId)).toMatchObject({ counter: 0, pinned: false });
  });

  test('hiding what is not there is fine', async () => {
    const loner = await portal.addUser('Loner');
    for (const id of [portal.admin.userId, loner.userId, 'chat999999', 999_999, 'sg5']) expect(await hide(loner, id)).toBe(true);
  });
});

describe('the limit of pins', () => {
  const LIMIT = 45;

  async function withChats(count: number): Promise<{ who: Client; dialogs: string[] }> {
    const who = await portal.addUser('Collector');
    const dialogs: string[] = [];
    while (dialogs.length < count) dialogs.push(`chat${await who.call<number>('im.chat.add', { TITLE: `Chat ${dialogs.length}` })}`);
    return { who, dialogs };
  }
  const pinned = async (who: Client) => (await who.call<Row[]>('im.recent.get')).filter((row) => row.pinned).length;

  test('is 45: one more is false and changes nothing, until one goes', async () => {
    const { who, dialogs } = await withChats(LIMIT + 2);
    for (const dialog of dialogs.slice(0, LIMIT)) expect(await pin(who, dialog)).toBe(true);
    expect(await pin(who, dialogs[LIMIT]!)).toBe(false);
    expect(await pin(who, dialogs[0]!)).toBe(true);
    expect(await pinned(who)).toBe(LIMIT);
    await pin(who, dialogs[0]!, { PIN: 'N' });
    expect(await pin(who, dialogs[LIMIT]!)).toBe(true);
    expect(await pin(who, dialogs[LIMIT + 1]!)).toBe(false);
    await hide(who, dialogs[1]!);
    expect(await pin(who, dialogs[LIMIT + 1]!)).toBe(true);
    expect(await pinned(who)).toBe(LIMIT);
  });

  test('holds for pins that come at once', async () => {
    const { who, dialogs } = await withChats(LIMIT + 15);
    for (const dialog of dialogs.slice(0, LIMIT - 5)) await pin(who, dialog);
    const outcomes = await Promise.all(dialogs.slice(LIMIT - 5).map((dialog) => pin(who, dialog)));
    expect(outcomes.filter(Boolean)).toHaveLength(5);
    expect(await pinned(who)).toBe(LIMIT);
  });

  /** Pinned rows that the list no longer shows, each kind by what takes it out, and what brings it back. */
  async function withUnseen() {
    const { who, dialogs } = await withChats(LIMIT);
    const [leaver, guest] = [await portal.addUser('Leaver'), await portal.addUser('Guest', { extranet: 1 })];
    const shared = await who.call<number>('im.chat.add', { USERS: [guest.userId] });
    for (const one of [leaver, guest]) {
      await say(one, who.userId);
      expect(await pin(who, one.userId)).toBe(true);
    }
    const emptied = await who.call<number>('im.chat.add', { TITLE: 'Emptied' });
    await pin(who, `chat${emptied}`);
    const hidden = {
      leave: () => Promise.all([
        who.call('im.dialog.read', { DIALOG_ID: leaver.userId }).then(() => portal.admin.call('user.update', { ID: leaver.userId, ACTIVE: 'N' })),
        guest.call('im.chat.leave', { CHAT_ID: shared }),
        historyOf(who, `chat${emptied}`).then(async (messages) => {
          for (const { id } of messages) await who.call('im.message.delete', { MESSAGE_ID: id });
        }),
      ]),
      back: () => Promise.all([
        portal.admin.call('user.update', { ID: leaver.userId, ACTIVE: 'Y' }),
        who.call('im.chat.user.add', { CHAT_ID: shared, USERS: [guest.userId] }),
        say(who, `chat${emptied}`),
      ]),
    };
    return { who, dialogs, hidden };
  }

  test('pins that the list does not show take no room, and none is one too many when they come back', async () => {
    const { who, dialogs, hidden } = await withUnseen();
    for (const dialog of dialogs.slice(0, LIMIT - 3)) expect(await pin(who, dialog)).toBe(true);
    expect(await pin(who, dialogs[LIMIT - 1]!)).toBe(false);
    await hidden.leave();
    expect(await pinned(who)).toBe(LIMIT - 3);
    const outcomes = await Promise.all(dialogs.slice(LIMIT - 3).map((dialog) => pin(who, dialog)));
    expect(outcomes).toEqual([true, true, true]);
    expect(await pinned(who)).toBe(LIMIT);
    await hidden.back();
    expect(await pinned(who)).toBe(LIMIT);
    expect(await who.call<Row[]>('im.recent.get')).toHaveLength(LIMIT + 4);
  });

  test('a pin that nobody needed the room of comes back as a pin', async () => {
    const { who, hidden } = await withUnseen();
    await hidden.leave();
    expect(await pinned(who)).toBe(0);
    await hidden.back();
    expect(await pinned(who)).toBe(3);
  });

  test('leaving a pinned chat makes room', async () => {
    const { who, dialogs } = await withChats(LIMIT + 1);
    for (const dialog of dialogs.slice(0, LIMIT)) await pin(who, dialog);
    await who.call('im.chat.leave', { CHAT_ID: dialogs[0]!.slice(4) });
    expect(await pin(who, dialogs[LIMIT]!)).toBe(true);
  });
});
