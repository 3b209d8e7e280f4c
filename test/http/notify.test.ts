/** Notifications: telling, looking, reading, answering, taking back; and their part of the counters. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addApp } from '../support/application.ts';
import type { Client } from '../support/client.ts';
import { addCircle, say } from '../support/people.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let portal: TestServer;

beforeAll(async () => {
  portal = await startTestServer();
});
afterAll(() => portal[Symbol.asyncDispose]());

interface Notice {
  id: number;
  author_id: number;
  notify_type: number;
  notify_tag: string;
  notify_sub_tag: string;
  notify_read: 'Y' | 'N';
  notify_buttons?: string;
  text: string;
  date: string;
  params: Record<string, unknown> | null;
}

interface Page {
  total_count?: number;
  total_unread_count?: number;
  total_results?: number;
  chat_id?: number;
  notifications: Notice[];
  users: Array<{ id: number }>;
}

const tell = (who: Client, to: Client, params: Record<string, unknown> = {}) => who.call<number | false>('im.notify', { USER_ID: to.userId, MESSAGE: 'told', ...params });
const pageOf = (who: Client, params: Record<string, unknown> = {}) => who.call<Page>('im.notify.get', params);
const noticesOf = async (who: Client, params: Record<string, unknown> = {}) => (await pageOf(who, params)).notifications;
const textsOf = async (who: Client) => (await noticesOf(who)).map(({ text }) => text);
const unreadOf = async (who: Client) => (await who.call<{ TYPE: { NOTIFY: number } }>('im.counters.get')).TYPE.NOTIFY;

async function pair(): Promise<[Client, Client]> {
  return [await portal.addUser('Anna'), await portal.addUser('Boris')];
}

describe('telling', () => {
  test('shows what was told, newest first, with who it is from', async () => {
    const [anna, boris] = await pair();
    const personal = await anna.call<number>('im.notify.personal.add', { USER_ID: boris.userId, MESSAGE: ' [b]One[/b] ', ATTACH: [{ MESSAGE: 'More' }] });
    const system = await anna.call<number>('im.notify.system.add', { USER_ID: boris.userId, MESSAGE: 'Two' });
    const either = [await tell(anna, boris, { TYPE: 'SYSTEM' }), await tell(anna, boris)];
    const page = await pageOf(boris);
    expect(page).toMatchObject({ total_count: 4, total_unread_count: 4, chat_id: 0, users: [{ id: anna.userId, name: 'Anna' }] });
    expect(page.notifications.map(({ id, author_id, notify_type }) => [id, author_id, notify_type])).toEqual([
      [either[1], anna.userId, 2], [either[0], 0, 4], [system, 0, 4], [personal, anna.userId, 2],
    ]);
    expect(page.notifications.at(-1)).toMatchObject({ text: '[b]One[/b]', notify_read: 'N', notify_module: 'rest', setting_name: 'rest|rest_notify', params: { ATTACH: [{ ID: 1 }] } });
    expect((await noticesOf(boris, { CONVERT_TEXT: 'Y' })).at(-1)!.text).toBe('One');
  });

  test('shows nothing but two empty lists to who was told nothing, and touches no row', async () => {
    const [anna, boris] = await pair();
    expect(await pageOf(boris)).toEqual({ notifications: [], users: [] });
    await tell(anna, boris);
    expect(await boris.call('im.recent.get')).toEqual([]);
  });

  test('is for those whom one may meet', async () => {
    const [anna] = await pair();
    const [gone, guest] = [await portal.addUser('Gone', { active: 0 }), await portal.addUser('Guest', { extranet: 1 })];
    for (const USER_ID of [gone.userId, guest.userId, 999_999_999]) expect(await anna.call('im.notify', { USER_ID, MESSAGE: 'told' })).toBe(false);
    await anna.call('im.chat.add', { USERS: [guest.userId] });
    expect(await tell(anna, guest)).toEqual(expect.any(Number));
    expect(await tell(guest, anna)).toEqual(expect.any(Number));
  });

  test('knows no other type', async () => {
    const [anna, boris] = await pair();
    expect(await anna.fails('im.notify', { USER_ID: boris.userId, MESSAGE: 'told', TYPE: 'CONFIRM' })).toMatchObject({ error: 'ERROR_ARGUMENT', argument: 'TYPE' });
  });
});

describe('tags', () => {
  test('let a notification take the place of an earlier one, for each user, and sub-tags do not', async () => {
    const [anna, boris] = await pair();
    const clara = await portal.addUser('Clara');
    const tags = { TAG: 'TASK_42', SUB_TAG: 'TASKS', CLIENT_ID: 'tracker' };
    for (const to of [boris, clara, boris]) await tell(anna, to, { ...tags, MESSAGE: `For ${to.userId}` });
    await tell(anna, boris, { SUB_TAG: 'TASKS', CLIENT_ID: 'tracker', MESSAGE: 'Another' });
    expect(await textsOf(boris)).toEqual(['Another', `For ${boris.userId}`]);
    expect(await textsOf(clara)).toEqual([`For ${clara.userId}`]);
    expect((await noticesOf(clara))[0]).toMatchObject({ notify_tag: `MP|webhook.${anna.userId}.tracker|TASK_42`, notify_sub_tag: `MP|webhook.${anna.userId}.tracker|TASKS` });
    const remove = (params: Record<string, unknown>) => anna.call('im.notify.delete', { CLIENT_ID: 'tracker', ...params });
    expect([await remove({ TAG: 'TASK_42' }), await remove({ TAG: 'TASK_42' })]).toEqual([true, false]);
    expect([await textsOf(boris), await textsOf(clara)]).toEqual([['Another'], []]);
    expect([await remove({ SUB_TAG: 'TASKS' }), await textsOf(boris)]).toEqual([true, []]);
  });

  test('are those of an application, of a user, of a client id', async () => {
    const [anna, boris] = await pair();
    const [one, two] = [await (await addApp(portal)).as(anna), await (await addApp(portal)).as(anna)];
    const senders: Array<[Client, object]> = [[one, {}], [two, {}], [anna, { CLIENT_ID: 'a' }], [anna, { CLIENT_ID: 'b' }], [anna, {}], [portal.admin, { CLIENT_ID: 'a' }]];
    for (const [who, more] of senders) await tell(who, boris, { TAG: 'T', ...more });
    for (const [who, more] of senders) await tell(who, boris, { TAG: 'T', ...more });
    expect(await noticesOf(boris)).toHaveLength(senders.length);
    expect(await one.call('im.notify.delete', { TAG: 'T', CLIENT_ID: 'a' })).toBe(true);
    expect(await anna.call('im.notify.delete', { TAG: 'T', CLIENT_ID: 'a' })).toBe(true);
    expect(await noticesOf(boris)).toHaveLength(senders.length - 2);
  });

  test('given by many at once leave one', async () => {
    const [anna, boris] = await pair();
    await Promise.all(Array.from({ length: 8 }, () => tell(anna, boris, { TAG: 'T', CLIENT_ID: 'a' })));
    expect(await noticesOf(boris)).toHaveLength(1);
    expect(await unreadOf(boris)).toBe(1);
  });

  test('by id it is taken away by who got it or sent it, and by nobody else', async () => {
    const [anna, boris] = await pair();
    const [first, second] = [await tell(anna, boris), await tell(anna, boris)];
    expect(await portal.admin.call('im.notify.delete', { ID: first })).toBe(false);
    expect(await boris.call('im.notify.delete', { ID: first })).toBe(true);
    expect(await anna.call('im.notify.delete', { ID: second })).toBe(true);
    expect(await anna.call('im.notify.delete', { ID: second })).toBe(false);
    expect(await noticesOf(boris)).toEqual([]);
  });
});

describe('looking', () => {
  test('goes through what asks for an answer first, then through the others, each once', async () => {
    const [anna, boris] = await pair();
    const BUTTONS = [{ TITLE: 'Yes', VALUE: 'Y' }];
    const sent: Array<{ id: number | false; asks: boolean }> = [];
    for (let i = 0; i < 13; i++) sent.unshift({ id: await tell(anna, boris, i % 3 === 0 ? { BUTTONS } : {}), asks: i % 3 === 0 });
    const expected = [...sent.filter(({ asks }) => asks), ...sent.filter(({ asks }) => !asks)].map(({ id }) => id);
    for (const LIMIT of [1, 2, 4, 5, 50]) {
      const walked: number[] = [];
      for (let page = await noticesOf(boris, { LIMIT }); page.length > 0; ) {
        walked.push(...page.map(({ id }) => id));
        const last = page.at(-1)!;
        page = await noticesOf(boris, { LIMIT, LAST_ID: last.id, LAST_TYPE: last.notify_type === 1 ? 1 : 3 });
      }
      expect(walked).toEqual(expected);
    }
  });
});

describe('reading', () => {
  const read = (who: Client, params: Record<string, unknown>) => who.call('im.notify.read', params);

  test('counts in NOTIFY and ALL, and is nobody else\'s', async () => {
    const { owner, member, dialog } = await addCircle(portal);
    for (let i = 0; i < 3; i++) await tell(owner, member);
    await say(owner, dialog);
    expect(await member.call('im.counters.get')).toMatchObject({ TYPE: { ALL: 4, NOTIFY: 3, CHAT: 1, MESSENGER: 1 } });
    await member.call('im.dialog.read.all');
    expect(await member.call('im.counters.get')).toMatchObject({ TYPE: { ALL: 3, NOTIFY: 3, MESSENGER: 0 } });
    await owner.call('im.notify.read.all');
    expect(await unreadOf(member)).toBe(3);
    expect(await member.call('im.notify.read.all')).toEqual({ result: true, newCounter: 0 });
    expect(await member.call('im.counters.get')).toMatchObject({ TYPE: { ALL: 0, NOTIFY: 0 } });
  });

  test('is what a plain list says, whatever is read and made unread', async () => {
    const [anna, boris] = await pair();
    const ids: number[] = [];
    for (let i = 0; i < 5; i++) ids.push((await tell(anna, boris)) as number);
    const which = fc.nat({ max: ids.length - 1 });
    const step = fc.oneof(
      fc.record({ op: fc.constant('from' as const), which, read: fc.boolean() }),
      fc.record({ op: fc.constant('only' as const), which, read: fc.boolean() }),
      fc.record({ op: fc.constant('list' as const), several: fc.array(which, { maxLength: 3 }), cut: fc.boolean(), read: fc.boolean() }),
      fc.record({ op: fc.constant('all' as const), read: fc.constant(true) }),
    );
    await boris.call('im.notify.read.all');
    const unread = new Set<number>();
    await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
      for (const next of steps) {
        const ACTION = next.read ? 'Y' : 'N';
        let meant: number[] = ids;
        if (next.op === 'all') await boris.call('im.notify.read.all');
        else if (next.op === 'list') {
          meant = next.several.map((place) => ids[place]!);
          await boris.call('im.notify.read.list', { IDS: next.cut ? [...meant, 0, ...ids] : meant, ACTION });
        } else {
          meant = next.op === 'from' ? ids.slice(next.which) : [ids[next.which]!];
          await read(boris, { ID: ids[next.which], ACTION, ONLY_CURRENT: next.op === 'only' ? 'Y' : 'N' });
        }
        for (const id of meant) if (next.read) unread.delete(id); else unread.add(id);
        expect((await noticesOf(boris)).filter(({ notify_read: state }) => state === 'N').map(({ id }) => id).sort((a, b) => a - b)).toEqual([...unread].sort((a, b) => a - b));
        expect(await unreadOf(boris)).toBe(unread.size);
      }
    }), { numRuns: 12 });
  });

  test('somebody else\'s changes nothing, nor does reading none', async () => {
    const [anna, boris] = await pair();
    const id = await tell(anna, boris);
    await read(anna, { ID: id });
    await read(boris, {});
    await anna.call('im.notify.read.list', { IDS: [id] });
    expect(await unreadOf(boris)).toBe(1);
  });
});

describe('answering', () => {
  const BUTTONS = [{ TITLE: 'Accept', VALUE: 'Y' }, { TITLE: 'Decline', VALUE: 'N' }];

  test('by a button tells whoever asked, once, and the question is gone', async () => {
    const [anna, boris] = await pair();
    const id = await tell(anna, boris, { BUTTONS, MESSAGE: 'Come along?', TYPE: 'SYSTEM' });
    expect(JSON.parse((await noticesOf(boris))[0]!.notify_buttons!)).toEqual(BUTTONS);
    const choose = (who: Client, NOTIFY_VALUE: string) => who.call('im.notify.confirm', { NOTIFY_ID: id, NOTIFY_VALUE });
    expect(await choose(boris, 'perhaps')).toEqual({ result_message: false });
    expect(await choose(anna, 'Y')).toEqual({ result_message: false });
    const answers = await Promise.all([choose(boris, 'Y'), choose(boris, 'N'), choose(boris, 'Y')]);
    expect(answers.filter((answer) => JSON.stringify(answer) !== '{"result_message":false}')).toHaveLength(1);
    expect(await noticesOf(boris)).toEqual([]);
    expect(await noticesOf(anna)).toMatchObject([{ author_id: boris.userId, text: expect.stringMatching(/^(Accept|Decline): Come along\?$/) as string }]);
  });

  test('by a text tells whoever it is from', async () => {
    const [anna, boris] = await pair();
    const [personal, system] = [await tell(anna, boris), await tell(anna, boris, { TYPE: 'SYSTEM' })];
    const reply = (who: Client, NOTIFY_ID: number | false) => who.call('im.notify.answer', { NOTIFY_ID, ANSWER_TEXT: ' On my way ' });
    expect(await reply(boris, personal)).toEqual({ result_message: [expect.any(String)] });
    expect([await reply(boris, system), await reply(anna, personal), await reply(boris, 999_999_999)]).toEqual([1, 2, 3].map(() => ({ result_message: false })));
    expect(await noticesOf(anna)).toMatchObject([{ author_id: boris.userId, text: 'On my way', notify_type: 2 }]);
  });

  test.each([['x'], [[{ TITLE: 'Yes' }]], [[{ TITLE: '', VALUE: 'Y' }]], [Array.from({ length: 11 }, () => BUTTONS[0])], [[{ TITLE: 'x'.repeat(256), VALUE: 'Y' }]]])(
    'refuses what cannot be buttons: %j', async (wrong) => {
      const [anna, boris] = await pair();
      expect(await anna.fails('im.notify', { USER_ID: boris.userId, MESSAGE: 'told', BUTTONS: wrong })).toMatchObject({ error: 'ERROR_ARGUMENT', argument: 'BUTTONS' });
      expect(await noticesOf(boris)).toEqual([]);
    },
  );
});

describe('finding', () => {
  const find = (who: Client, params: Record<string, unknown>) => who.call<Page>('im.notify.history.search', params);
  const found = async (who: Client, params: Record<string, unknown>) => (await find(who, params)).notifications.map(({ id }) => id);

  test('by text, author, tag, kind and date, and among one\'s own only', async () => {
    const [anna, boris] = await pair();
    const annas = await tell(anna, boris, { MESSAGE: 'Отчёт готов', TAG: 'T', CLIENT_ID: 'a' });
    portal.clock.advance(3_600_000 * 30);
    const admins = await tell(portal.admin, boris, { MESSAGE: 'Report' });
    const [last, first] = await noticesOf(boris);
    expect(await found(boris, { SEARCH_TEXT: 'ОТЧ' })).toEqual([annas]);
    expect(await found(anna, { SEARCH_TEXT: 'отч' })).toEqual([]);
    expect(await found(boris, { SEARCH_AUTHORS: [portal.admin.userId] })).toEqual([admins]);
    expect(await found(boris, { GROUP_TAG: first!.notify_tag })).toEqual([annas]);
    expect(await found(boris, { GROUP_TAG: 'no tag' })).toEqual([]);
    for (const SEARCH_TYPE of ['rest', 'REST|rest_notify']) expect(await found(boris, { SEARCH_TYPE })).toEqual([admins, annas]);
    expect(await found(boris, { SEARCH_TYPES: ['tasks', 'rest'] })).toEqual([admins, annas]);
    expect(await found(boris, { SEARCH_TYPES: ['tasks|task_update'], SEARCH_TEXT: 'report' })).toEqual([]);
    expect(await found(boris, { SEARCH_DATE: first!.date })).toEqual([annas]);
    expect(await found(boris, { SEARCH_DATE_FROM: last!.date })).toEqual([admins]);
    expect(await found(boris, { SEARCH_DATE_TO: last!.date, SEARCH_TEXT: 'готов' })).toEqual([annas]);
  });

  test('in pages, the first of which says how many there are', async () => {
    const [anna, boris] = await pair();
    const sent: Array<number | false> = [];
    for (let i = 0; i < 9; i++) sent.unshift(await tell(anna, boris, { MESSAGE: i % 2 ? 'needle' : 'hay' }));
    const expected = sent.filter((_, place) => place % 2 === 1);
    const first = await find(boris, { SEARCH_TEXT: 'NEEDLE', LIMIT: 3 });
    expect(first).toMatchObject({ total_results: 4, chat_id: 0 });
    const rest = await find(boris, { SEARCH_TEXT: 'NEEDLE', LIMIT: 3, LAST_ID: first.notifications.at(-1)!.id });
    expect(rest).not.toHaveProperty('total_results');
    expect([...first.notifications, ...rest.notifications].map(({ id }) => id)).toEqual(expected);
  });

  test('knows the kinds there are', async () => {
    expect(await portal.admin.call('im.notify.schema.get')).toMatchObject({ rest: { MODULE_ID: 'rest', LIST: [{ ID: 'rest|rest_notify' }] } });
  });
});
