/** Sequences of calls as public programs make them: one that notifies, one that raises alarms in a room, a support room, one that answers by polling, one that syncs. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addApp } from '../support/application.ts';
import { recorded } from '../support/bindings.ts';
import type { Client } from '../support/client.ts';
import { base64, fetchBytes, sendFile } from '../support/files.ts';
import { historyOf, rowOf, say } from '../support/people.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

interface Notice {
  id: number;
  text: string;
  notify_tag?: string;
}
interface Page {
  events: Array<{ eventId: number; type: string; data: { message?: { id: number; text: string; authorId: number; chatId: number }; chat: { dialogId: string } } }>;
  nextOffset: number;
  hasMore: boolean;
}

let portal: TestServer;
let anna: Client;
let boris: Client;
let robot: Client;

beforeAll(async () => {
  portal = await startTestServer();
  [anna, boris] = [await portal.addUser('Anna', { email: 'anna@example.org' }), await portal.addUser('Boris')];
  robot = await portal.addUser('Robot');
});
afterAll(() => portal[Symbol.asyncDispose]());

describe('a program that notifies', () => {
  test('finds whom to tell by their address, replaces what it said before by its tag, and takes all of a kind back', async () => {
    const hook = { CLIENT_ID: 'monitor' };
    const [found] = await robot.call<Array<{ ID: string }>>('user.get', { FILTER: { EMAIL: 'anna@example.org' } });
    const tell = (MESSAGE: string, TAG: string) => robot.call<number>('im.notify.system.add', { USER_ID: found!.ID, MESSAGE, TAG, SUB_TAG: 'disk', ATTACH: [{ MESSAGE: 'sda1' }], ...hook });
    await tell('90 % full', 'disk|1');
    const second = await tell('95 % full', 'disk|1');
    const other = await tell('broken', 'disk|2');
    const own = async () => (await anna.call<{ notifications: Notice[] }>('im.notify.get')).notifications;
    expect((await own()).map(({ id, text }) => ({ id, text }))).toEqual([{ id: other, text: 'broken' }, { id: second, text: '95 % full' }]);
    expect(await anna.call('im.counters.get')).toMatchObject({ TYPE: { NOTIFY: 2 } });
    await anna.call('im.notify.read', { ID: second, ONLY_CURRENT: 'Y' });
    expect(await anna.call('im.counters.get')).toMatchObject({ TYPE: { NOTIFY: 1 } });
    expect(await anna.call('im.notify.history.search', { SEARCH_TEXT: 'full' })).toMatchObject({ notifications: [{ id: second }] });
    expect(await robot.call('im.notify.delete', { SUB_TAG: 'disk', ...hook })).toBe(true);
    expect([await own(), await anna.call('user.counters')]).toEqual([[], { im: 0 }]);
  });

  test('asks, and is told what was answered', async () => {
    const id = await robot.call<number>('im.notify', { USER_ID: anna.userId, MESSAGE: 'Deploy?', BUTTONS: [{ TITLE: 'Yes', VALUE: 'Y' }, { TITLE: 'No', VALUE: 'N' }] });
    await anna.call('im.notify.confirm', { NOTIFY_ID: id, NOTIFY_VALUE: 'Y' });
    const { notifications } = await robot.call<{ notifications: Notice[] }>('im.notify.get');
    expect(notifications).toHaveLength(1);
    expect(notifications[0]!.text).toContain('Deploy?');
  });
});

describe('a program that raises alarms in a room', () => {
  test('a long text with attachment and keyboard, changed when the alarm is over, found by everybody in the room', async () => {
    const chat = await robot.call<number>('im.chat.add', { TITLE: 'Alarms', USERS: [anna.userId, boris.userId] });
    const long = `Alarm ${'x'.repeat(19_990)}`;
    const KEYBOARD = [{ TEXT: 'Dashboard', LINK: 'https://example.org/dashboard' }];
    const ATTACH = [{ GRID: [{ NAME: 'Host', VALUE: 'db1', DISPLAY: 'LINE' }] }];
    const id = await robot.call<number>('im.message.add', { DIALOG_ID: `chat${chat}`, MESSAGE: long, KEYBOARD, ATTACH });
    expect((await historyOf(anna, `chat${chat}`))[0]).toMatchObject({ id, text: long, params: { KEYBOARD: expect.anything(), ATTACH: expect.anything() } });
    expect(await boris.call('im.counters.get')).toMatchObject({ CHAT: { [chat]: 2 } });
    await anna.call('im.message.like', { MESSAGE_ID: id, ACTION: 'plus' });
    await robot.call('im.message.update', { MESSAGE_ID: id, MESSAGE: 'Alarm over', KEYBOARD: 'N' });
    const [changed] = await historyOf(boris, `chat${chat}`);
    expect(changed).toMatchObject({ id, text: 'Alarm over' });
    expect(changed!.params).not.toHaveProperty('KEYBOARD');
    expect(await boris.call('im.dialog.messages.search', { CHAT_ID: chat, SEARCH_MESSAGE: 'alarm OVER' })).toMatchObject({ messages: [{ id }] });
    const batch = { a: `im.message.add?DIALOG_ID=chat${chat}&MESSAGE=one`, b: 'im.message.update?MESSAGE_ID=$result[a]&MESSAGE=two' };
    const { result } = await robot.call<{ result: Record<string, unknown> }>('batch', { CMD: batch });
    expect((await historyOf(anna, `chat${chat}`))[0]).toMatchObject({ id: result['a'], text: 'two' });
  });
});

describe('a program that reports with a file', () => {
  const report = 'day;visits\n2026-02-25;42\n';
  const last = async (who: Client, dialog: string) => (await who.call<{ messages: Array<{ id: number }>; files: Array<{ id: number; name: string; urlDownload: string }> }>('im.dialog.messages.get', { DIALOG_ID: dialog, LIMIT: 1 }));
  let dialog: string;
  let chat: number;
  beforeAll(async () => {
    chat = await robot.call<number>('im.chat.add', { TITLE: 'Reports', USERS: [anna.userId] });
    dialog = `chat${chat}`;
  });

  test('by folder, upload and commit, as programs do that are some years old', async () => {
    const { ID } = await robot.call<{ ID: number }>('im.disk.folder.get', { CHAT_ID: chat });
    const file = await robot.call<{ ID: number }>('disk.folder.uploadfile', { id: ID, data: { NAME: 'report.csv' }, fileContent: ['report.csv', base64(report)], generateUniqueName: true });
    const again = await robot.call<{ ID: number }>('disk.folder.uploadfile', { id: ID, data: { NAME: 'report.csv' }, fileContent: ['report.csv', base64('second')], generateUniqueName: true });
    const { MESSAGE_ID } = await robot.call<{ MESSAGE_ID: number }>('im.disk.file.commit', { CHAT_ID: chat, UPLOAD_ID: [file.ID, again.ID], MESSAGE: 'Of today' });
    const page = await last(anna, dialog);
    expect(page).toMatchObject({ messages: [{ id: MESSAGE_ID }] });
    expect(page.files.map(({ id }) => id)).toEqual([file.ID, again.ID]);
    expect((await fetchBytes(page.files[0]!.urlDownload)).toString()).toBe(report);
    expect(await rowOf(anna, dialog)).toMatchObject({ message: { id: MESSAGE_ID, text: 'Of today [File]' }, counter: 2 });
  });

  test('in one call, told of to a program that polls, replaced by the next', async () => {
    await anna.call('im.v2.Event.subscribe');
    const sent = await sendFile(robot, dialog, 'report.csv', report, 'Of tomorrow');
    await recorded(portal);
    const { events } = await anna.call<Page>('im.v2.Event.get', {});
    expect(events.map(({ data }) => data.message)).toMatchObject([{ id: sent.messageId, text: 'Of tomorrow', params: { FILE_ID: [expect.anything()] } }]);
    const { downloadUrl } = await anna.call<{ downloadUrl: string }>('im.v2.File.download', { dialogId: dialog, fileId: sent.file.id });
    expect((await fetchBytes(downloadUrl)).toString()).toBe(report);
    await robot.call('im.message.delete', { MESSAGE_ID: sent.messageId });
    expect((await last(anna, dialog)).files).toHaveLength(2);
  });
});

test('a support room: made, filled, emptied and left', async () => {
  const chat = await robot.call<number>('im.chat.add', { TITLE: 'Support', USERS: [anna.userId] });
  const members = () => robot.call<number[]>('im.chat.user.list', { CHAT_ID: chat });
  await robot.call('im.chat.user.add', { CHAT_ID: chat, USERS: [boris.userId] });
  expect(await members()).toEqual([anna.userId, boris.userId, robot.userId].sort((a, b) => a - b));
  await say(robot, `chat${chat}`, { MESSAGE: 'How can we help?' });
  await robot.call('im.chat.user.delete', { CHAT_ID: chat, USER_ID: anna.userId });
  await robot.call('im.chat.leave', { CHAT_ID: chat });
  expect(await boris.call('im.chat.user.list', { CHAT_ID: chat })).toEqual([boris.userId]);
  expect(await robot.fails('im.message.add', { DIALOG_ID: `chat${chat}`, MESSAGE: 'still here' })).toMatchObject({ status: expect.any(Number), error: expect.any(String) });
});

test('a program that answers by polling: each question once, also where it stops before it has confirmed', async () => {
  await robot.call('im.v2.Event.subscribe');
  const asked = ['first', 'second', 'third', 'fourth', 'fifth'];
  for (const MESSAGE of asked) await say(boris, robot.userId, { MESSAGE });
  const answered = new Set<number>();
  let saved = 0;
  const poll = async (crashes: boolean): Promise<boolean> => {
    await recorded(portal);
    const page = await robot.call<Page>('im.v2.Event.get', { limit: 2, ...(saved > 0 && { offset: saved }) });
    for (const { type, data } of page.events) {
      const { message } = data;
      if (type !== 'ONIMV2MESSAGEADD' || !message || message.authorId === robot.userId || answered.has(message.id)) continue;
      answered.add(message.id);
      await robot.call('im.message.add', { DIALOG_ID: data.chat.dialogId, MESSAGE: `re: ${message.text}`, TEMPLATE_ID: `00000000-0000-4000-8000-${String(message.id).padStart(12, '0')}` });
    }
    if (!crashes) saved = page.nextOffset;
    return page.hasMore;
  };
  await poll(true);
  answered.clear();
  while (await poll(false));
  await poll(false);
  const answers = (await historyOf(boris, robot.userId)).filter(({ author_id }) => author_id === robot.userId).map(({ text }) => text);
  expect(answers.toReversed()).toEqual(asked.map((text) => `re: ${text}`));
  await recorded(portal);
  expect(await robot.call('im.v2.Event.get', { offset: saved })).toMatchObject({ hasMore: false });
});

test('a program that syncs both ways: what it writes does not come back, what it could not process does', async () => {
  const sync = await (await addApp(portal)).as(portal.admin);
  const auth_connector = 'crm';
  await sync.call('event.bind', { event: 'ONIMV2MESSAGEADD', event_type: 'offline', auth_connector });
  const chat = await portal.admin.call<number>('im.chat.add', { TITLE: 'Synced', USERS: [anna.userId] });
  const [one, two] = [await say(anna, `chat${chat}`, { MESSAGE: 'from Anna' }), await say(anna, `chat${chat}`, { MESSAGE: 'broken' })];
  type Taken = { process_id: string; events: Array<{ MESSAGE_ID: string; EVENT_DATA: { chatId: number; messageId: number } }> };
  const take = async (params: Record<string, unknown> = {}): Promise<Taken> => {
    await recorded(portal);
    return sync.call<Taken>('event.offline.get', { clear: 0, auth_connector, ...params });
  };
  const { process_id, events } = await take();
  const ofAnna = events.filter(({ EVENT_DATA: { messageId } }) => [one, two].includes(messageId));
  expect(ofAnna).toHaveLength(2);
  const [good, bad] = ofAnna;
  const { messages } = await sync.call<{ messages: Array<{ text: string }> }>('im.dialog.messages.get', { DIALOG_ID: `chat${good!.EVENT_DATA.chatId}`, LAST_ID: one + 1, LIMIT: 1 });
  expect(messages).toMatchObject([{ text: 'from Anna' }]);
  await sync.call('im.message.add', { DIALOG_ID: `chat${chat}`, MESSAGE: 'from the CRM', auth_connector });
  await sync.call('event.offline.clear', { process_id, message_id: events.filter((event) => event !== bad).map(({ MESSAGE_ID }) => MESSAGE_ID) });
  await sync.call('event.offline.error', { process_id, message_id: [bad!.MESSAGE_ID] });
  expect((await take()).events).toEqual([]);
  expect((await take({ error: 1 })).events.map(({ EVENT_DATA }) => EVENT_DATA.messageId)).toEqual([two]);
});
