/** What sending, editing and deleting do to everybody's lists, counters and histories, whatever the size of the chat. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addCircle, addCrowd, type Circle, historyOf, rowOf, say, SIZES } from '../support/people.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let portal: TestServer;

beforeAll(async () => {
  portal = await startTestServer();
});
afterAll(() => portal[Symbol.asyncDispose]());

const UUID = () => crypto.randomUUID();

describe.each(SIZES)('in %s', (_size, extras) => {
  let crowd: number[];
  const circle = (params?: Record<string, unknown>): Promise<Circle> => addCircle(portal, crowd, params);

  beforeAll(async () => {
    crowd = await addCrowd(portal, extras);
  });

  describe('sending', () => {
    test('counts for everybody but the author, who has read the chat by it', async () => {
      const { owner, member, other, dialog } = await circle();
      const first = await say(owner, dialog);
      const second = await say(member, dialog);
      expect(second).toBeGreaterThan(first);
      expect(await rowOf(owner, dialog)).toMatchObject({ counter: 1, last_id: first, message: { id: second, author_id: member.userId } });
      expect(await rowOf(member, dialog)).toMatchObject({ counter: 0, last_id: second });
      expect(await rowOf(other, dialog)).toMatchObject({ counter: 2 });
    });

    test('takes the author\'s own mark away and nobody else\'s', async () => {
      const { owner, member, dialog } = await circle();
      for (const who of [owner, member]) await who.call('im.recent.unread', { DIALOG_ID: dialog });
      await say(owner, dialog);
      expect(await rowOf(owner, dialog)).toMatchObject({ unread: false });
      expect(await rowOf(member, dialog)).toMatchObject({ unread: true });
    });

    test('a system message has no author, counts for all but who caused it', async () => {
      const { owner, member, dialog } = await circle();
      const id = await say(owner, dialog, { SYSTEM: 'Y' });
      expect(await historyOf(member, dialog)).toMatchObject([{ id, author_id: 0, uuid: null }, {}, {}]);
      expect(await rowOf(owner, dialog)).toMatchObject({ counter: 0, last_id: id, user: { id: 0 } });
      expect(await rowOf(member, dialog)).toMatchObject({ counter: 1 });
    });

    test('an answer names the message it answers', async () => {
      const { owner, member, dialog } = await circle();
      const REPLY_ID = await say(owner, dialog);
      await say(member, dialog, { REPLY_ID });
      expect(await historyOf(owner, dialog, { LIMIT: 1 })).toMatchObject([{ params: { REPLY_ID } }]);
    });

    test('a repeated client id gives the first message and changes nothing', async () => {
      const { owner, other, dialog } = await circle();
      const TEMPLATE_ID = UUID();
      const id = await say(owner, dialog, { TEMPLATE_ID });
      const [row, history] = [await rowOf(other, dialog), await historyOf(other, dialog)];
      for (const MESSAGE of ['Hello', 'changed']) expect(await say(owner, dialog, { TEMPLATE_ID, MESSAGE })).toBe(id);
      expect([await rowOf(other, dialog), await historyOf(other, dialog)]).toEqual([row, history]);
      expect(history[0]).toMatchObject({ id, uuid: TEMPLATE_ID });
    });

    test('a client id is its sender\'s and the chat\'s own, whatever is sent', async () => {
      const [first, second] = [await circle(), await circle()];
      await second.owner.call('im.chat.user.add', { CHAT_ID: second.chat, USERS: [first.member.userId] });
      const TEMPLATE_ID = UUID();
      for (const SYSTEM of ['N', 'Y']) {
        const sends = [[first.owner, first.dialog], [first.member, first.dialog], [first.member, second.dialog], [first.member, first.owner.userId]] as const;
        const ids = await Promise.all(sends.map(([who, to]) => say(who, to, { TEMPLATE_ID, SYSTEM })));
        expect(new Set(ids).size).toBe(sends.length);
        for (const [at, [who, to]] of sends.entries()) {
          expect(await say(who, to, { TEMPLATE_ID, SYSTEM })).toBe(ids[at]);
          expect((await historyOf(who, to)).filter((message) => message.id === ids[at])).toHaveLength(1);
        }
      }
    });

    test('a client id is free again once its message is gone, and not while a line is left of it', async () => {
      const { owner, member, dialog } = await circle();
      const TEMPLATE_ID = UUID();
      const gone = await say(owner, dialog, { TEMPLATE_ID });
      await owner.call('im.message.delete', { MESSAGE_ID: gone });
      const id = await say(owner, dialog, { TEMPLATE_ID });
      expect(id).not.toBe(gone);
      await member.call('im.dialog.read', { DIALOG_ID: dialog, MESSAGE_ID: id });
      await owner.call('im.message.delete', { MESSAGE_ID: id });
      expect(await say(owner, dialog, { TEMPLATE_ID })).toBe(id);
    });

    test('the same client id at once makes one message', async () => {
      const { owner, member, dialog } = await circle();
      const TEMPLATE_ID = UUID();
      const ids = await Promise.all(Array.from({ length: 12 }, () => say(owner, dialog, { TEMPLATE_ID })));
      expect(new Set(ids).size).toBe(1);
      expect(await rowOf(member, dialog)).toMatchObject({ counter: 1 });
    });

    test('many at once are all counted, and all there', async () => {
      const { owner, member, other, dialog } = await circle();
      const sends = Array.from({ length: 30 }, (_, i) => say(i % 3 === 0 ? member : owner, dialog, { MESSAGE: `m${i}` }));
      const ids = await Promise.all(sends);
      expect(new Set(ids).size).toBe(30);
      expect(await rowOf(other, dialog)).toMatchObject({ counter: 30, message: { id: Math.max(...ids) } });
      expect((await historyOf(other, dialog)).slice(0, 30).map((message) => message.id)).toEqual(ids.sort((a, b) => b - a));
    });
  });

  describe('editing', () => {
    test('changes the text everywhere, counts nothing, and leaves no trace before anybody saw it', async () => {
      const { owner, member, dialog } = await circle();
      const id = await say(owner, dialog);
      expect(await owner.call('im.message.update', { MESSAGE_ID: id, MESSAGE: '[b]Bye[/b]' })).toBe(true);
      expect(await rowOf(member, dialog)).toMatchObject({ counter: 1, message: { id, text: 'Bye' } });
      expect(await historyOf(member, dialog, { LIMIT: 1 })).toMatchObject([{ id, text: '[b]Bye[/b]', params: [] }]);
    });

    test('is marked once somebody has seen the message', async () => {
      const { owner, member, dialog } = await circle();
      const id = await say(owner, dialog);
      await member.call('im.dialog.read', { DIALOG_ID: dialog, MESSAGE_ID: id });
      await owner.call('im.message.update', { MESSAGE_ID: id, MESSAGE: 'Bye' });
      expect(await historyOf(member, dialog, { LIMIT: 1 })).toMatchObject([{ text: 'Bye', params: { IS_EDITED: 'Y' } }]);
    });

    test('IS_EDITED=N keeps the mark off when only the attachment changes', async () => {
      const { owner, member, dialog } = await circle();
      const id = await say(owner, dialog);
      await member.call('im.dialog.read', { DIALOG_ID: dialog, MESSAGE_ID: id });
      await owner.call('im.message.update', { MESSAGE_ID: id, ATTACH: [{ MESSAGE: 'x' }], IS_EDITED: 'N' });
      const [message] = await historyOf(member, dialog, { LIMIT: 1 });
      expect(Object.keys(message!.params)).toEqual(['ATTACH']);
    });

    test('of an earlier message does not touch the row', async () => {
      const { owner, member, dialog } = await circle();
      const id = await say(owner, dialog);
      await say(owner, dialog);
      const before = await rowOf(member, dialog);
      await owner.call('im.message.update', { MESSAGE_ID: id, MESSAGE: 'Bye' });
      expect(await rowOf(member, dialog)).toEqual(before);
    });

    test('sets and removes parts, and leaves what is not given', async () => {
      const { owner, dialog } = await circle();
      const BUTTON = { TEXT: 'Go', LINK: 'https://example.org/' };
      const id = await say(owner, dialog, { ATTACH: [{ MESSAGE: 'x' }], KEYBOARD: [BUTTON], MENU: [BUTTON] });
      const params = async () => (await historyOf(owner, dialog, { LIMIT: 1 }))[0]!.params;
      const parts = { ATTACH: [{ ID: 1, BLOCKS: [{ MESSAGE: 'x' }] }], KEYBOARD: { BUTTONS: [BUTTON] }, MENU: { ITEMS: [BUTTON] } };
      expect(await params()).toEqual(parts);
      await owner.call('im.message.update', { MESSAGE_ID: id, KEYBOARD: 'N', MENU: '' });
      expect(await params()).toEqual({ ATTACH: parts.ATTACH });
      await owner.call('im.message.update', { MESSAGE_ID: id, MESSAGE: 'Bye', KEYBOARD: JSON.stringify({ BUTTONS: [BUTTON] }) });
      expect(await params()).toEqual({ ATTACH: parts.ATTACH, KEYBOARD: parts.KEYBOARD });
      expect(await rowOf(owner, dialog)).toMatchObject({ message: { text: 'Bye [Attachment]', attach: true } });
    });

    test('to nothing deletes', async () => {
      const { owner, member, dialog } = await circle();
      const id = await say(owner, dialog);
      await owner.call('im.message.update', { MESSAGE_ID: id, MESSAGE: '' });
      expect((await historyOf(member, dialog)).map((message) => message.id)).not.toContain(id);
      expect(await rowOf(member, dialog)).toMatchObject({ counter: 0 });
    });

    test('to nothing keeps a message that has an attachment', async () => {
      const { owner, member, dialog } = await circle();
      const id = await say(owner, dialog, { ATTACH: [{ MESSAGE: 'x' }] });
      await owner.call('im.message.update', { MESSAGE_ID: id, MESSAGE: '' });
      expect(await rowOf(member, dialog)).toMatchObject({ counter: 1, message: { id, text: '[Attachment]' } });
    });
  });

  describe('deleting', () => {
    test('what nobody saw disappears: the row falls back, counters forget it', async () => {
      const { owner, member, other, dialog } = await circle();
      const first = await say(owner, dialog);
      const second = await say(owner, dialog);
      expect(await owner.call('im.message.delete', { MESSAGE_ID: second })).toBe(true);
      for (const who of [member, other]) expect(await rowOf(who, dialog)).toMatchObject({ counter: 1, message: { id: first } });
      expect(await rowOf(owner, dialog)).toMatchObject({ counter: 0, last_id: first });
      expect((await historyOf(member, dialog))[0]).toMatchObject({ id: first });
      expect(await member.call('im.counters.get')).toMatchObject({ TYPE: { CHAT: 1 } });
      expect(await owner.fails('im.message.delete', { MESSAGE_ID: second })).toMatchObject({ error: 'MESSAGE_ID_ERROR' });
    });

    test('what was seen leaves a line that says so, and no counter goes on counting it', async () => {
      const { owner, member, other, dialog } = await circle();
      const id = await say(owner, dialog, { ATTACH: [{ MESSAGE: 'x' }] });
      await member.call('im.dialog.read', { DIALOG_ID: dialog, MESSAGE_ID: id });
      await owner.call('im.message.delete', { MESSAGE_ID: id });
      const text = 'This message has been deleted.';
      expect(await rowOf(other, dialog)).toMatchObject({ counter: 0, message: { id, text, attach: false, author_id: owner.userId } });
      expect(await historyOf(other, dialog, { LIMIT: 1 })).toMatchObject([{ id, text, params: { IS_DELETED: 'Y' } }]);
    });

    test('in the middle of what is unread takes one from every counter, once', async () => {
      const { owner, member, dialog } = await circle();
      const ids = [await say(owner, dialog), await say(owner, dialog), await say(owner, dialog)];
      await owner.call('im.message.delete', { MESSAGE_ID: ids[1] });
      expect(await rowOf(member, dialog)).toMatchObject({ counter: 2, message: { id: ids[2] } });
      expect(await member.call('im.dialog.read', { DIALOG_ID: dialog, MESSAGE_ID: ids[0] })).toMatchObject({ counter: 1 });
      expect(await member.call('im.dialog.get', { DIALOG_ID: dialog })).toMatchObject({ counter: 1, unread_id: ids[2] });
    });

    test('a manager removes what others wrote, altogether; a member does not', async () => {
      const { owner, member, other, dialog } = await circle();
      const id = await say(member, dialog);
      await other.call('im.dialog.read', { DIALOG_ID: dialog, MESSAGE_ID: id });
      expect(await other.fails('im.message.delete', { MESSAGE_ID: id })).toMatchObject({ error: 'CANT_EDIT_MESSAGE' });
      await owner.call('im.message.delete', { MESSAGE_ID: id });
      expect((await historyOf(member, dialog)).map((message) => message.id)).not.toContain(id);
    });

    test('all messages: the chat leaves the lists until somebody writes', async () => {
      const { owner, member, dialog } = await circle();
      for (const { id } of await historyOf(owner, dialog)) await owner.call('im.message.delete', { MESSAGE_ID: id });
      expect([await rowOf(owner, dialog), await rowOf(member, dialog)]).toEqual([undefined, undefined]);
      await say(member, dialog);
      expect(await rowOf(owner, dialog)).toMatchObject({ counter: 1 });
    });
  });
});

describe('in a private dialog', () => {
  test('a system message keeps its author', async () => {
    const { owner, member } = await addCircle(portal);
    const id = await say(owner, member.userId, { SYSTEM: 'Y' });
    expect(await rowOf(member, owner.userId)).toMatchObject({ counter: 1, message: { id, author_id: owner.userId } });
  });

  test('the row stays, empty, when the only message is deleted', async () => {
    const { owner, member } = await addCircle(portal);
    const id = await say(owner, member.userId);
    await owner.call('im.message.delete', { MESSAGE_ID: id });
    const empty = { id: 0, text: '', file: false, attach: false, author_id: 0, status: 'received' };
    expect(await rowOf(member, owner.userId)).toMatchObject({ counter: 0, message: empty });
    expect(await historyOf(member, owner.userId)).toEqual([]);
  });

  test('the partner may not delete, an administrator deletes altogether what was seen', async () => {
    const { member } = await addCircle(portal);
    const id = await say(portal.admin, member.userId);
    await member.call('im.dialog.read', { DIALOG_ID: portal.admin.userId, MESSAGE_ID: id });
    expect(await member.fails('im.message.delete', { MESSAGE_ID: id })).toMatchObject({ error: 'CANT_EDIT_MESSAGE' });
    await portal.admin.call('im.message.delete', { MESSAGE_ID: id });
    expect(await historyOf(member, portal.admin.userId)).toEqual([]);
  });

  test('one client id in three dialogs that do not exist yet, ten times at once, makes one message in each', async () => {
    const { owner, member, other } = await addCircle(portal);
    const TEMPLATE_ID = UUID();
    const partners = [member, other, owner];
    const ids = await Promise.all(partners.flatMap((to) => Array.from({ length: 10 }, () => say(owner, to.userId, { TEMPLATE_ID }))));
    expect(new Set(ids).size).toBe(3);
    for (const { userId } of partners) expect(await historyOf(owner, userId)).toHaveLength(1);
  });

  test('both write first at once: one dialog', async () => {
    const { owner, member } = await addCircle(portal);
    await Promise.all([say(owner, member.userId), say(member, owner.userId), say(owner, member.userId), say(member, owner.userId)]);
    expect(await historyOf(owner, member.userId)).toHaveLength(4);
    expect(await historyOf(member, owner.userId)).toHaveLength(4);
  });
});
