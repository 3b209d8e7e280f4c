/** user.access and access.name: codes of people, departments, workgroups and everybody, for whoever asks. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Client } from '../support/client.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let portal: TestServer;
let anna: Client;
let boris: Client;
let guest: Client;
let sales: number;
let abroad: number;

beforeAll(async () => {
  portal = await startTestServer();
  const department = (NAME: string, PARENT: number) => portal.admin.call<number>('department.add', { NAME, PARENT });
  sales = await department('Sales', 1);
  abroad = await department('Abroad', sales);
  [anna, boris] = [await portal.addUser('Anna'), await portal.addUser('Boris')];
  guest = await portal.addUser('Guest', { extranet: 1 });
  await portal.admin.call('user.update', { ID: anna.userId, UF_DEPARTMENT: [abroad] });
  await portal.admin.call('im.chat.add', { TITLE: 'Rowing', ENTITY_TYPE: 'SONET_GROUP', ENTITY_ID: '17', USERS: [anna.userId, guest.userId] });
  await portal.admin.call('im.chat.setManager', { DIALOG_ID: 'sg17', CHAT_ID: await groupChat(), USER_ID: anna.userId });
});
afterAll(() => portal[Symbol.asyncDispose]());

const groupChat = async () => Number((await portal.admin.call<{ id: number }>('im.dialog.get', { DIALOG_ID: 'sg17' })).id);
const holds = (who: Client, ...ACCESS: string[]) => who.call<boolean>('user.access', { ACCESS });

/** Whether each code stands for Anna, Boris, the guest. */
const TABLE: Array<[code: () => string, anna: boolean, boris: boolean, guest: boolean]> = [
  [() => 'AU', true, true, true], [() => 'G2', true, true, true], [() => 'G1', false, false, false],
  [() => `U${anna.userId}`, true, false, false], [() => `U${boris.userId}`, false, true, false],
  [() => `D${abroad}`, true, false, false], [() => `D${sales}`, false, false, false], [() => `DR${sales}`, true, false, false], [() => 'DR1', true, false, false],
  [() => `DR${abroad}`, true, false, false], [() => 'D999999', false, false, false],
  [() => 'SG17', true, false, true], [() => 'SG17_K', true, false, true], [() => 'SG17_E', true, false, false], [() => 'SG17_A', false, false, false], [() => 'SG18', false, false, false],
  [() => `U${9}9_A`, false, false, false], [() => 'D', false, false, false], [() => 'd1', false, false, false], [() => 'CRM_1', false, false, false], [() => `D${'9'.repeat(20)}`, false, false, false],
];

test('each code by itself', async () => {
  for (const [code, ...expected] of TABLE) {
    expect([code(), ...(await Promise.all([anna, boris, guest].map((who) => holds(who, code()))))]).toEqual([code(), ...expected]);
    expect(await holds(portal.admin, code())).toBe(true);
  }
});

test('one of several is enough', async () => {
  expect(await holds(boris, 'SG17', 'D999999', `DR${sales}`)).toBe(false);
  expect(await holds(boris, 'SG17', 'D999999', `U${boris.userId}`)).toBe(true);
  expect(await holds(anna, 'SG18', `DR${sales}`)).toBe(true);
});

test('the structure is known at once: who moves, or whose department moves, stands for something else', async () => {
  const mover = await portal.addUser('Mover');
  const elsewhere = await portal.admin.call<number>('department.add', { NAME: 'Elsewhere', PARENT: 1 });
  const place = (UF_DEPARTMENT: number[]) => portal.admin.call('user.update', { ID: mover.userId, UF_DEPARTMENT });
  await place([abroad]);
  expect(await holds(mover, `DR${sales}`)).toBe(true);
  await place([elsewhere]);
  expect([await holds(mover, `DR${sales}`), await holds(mover, `D${elsewhere}`)]).toEqual([false, true]);
  await portal.admin.call('department.update', { ID: elsewhere, PARENT: sales });
  expect(await holds(mover, `DR${sales}`)).toBe(true);
});

test('who is added with workgroups is in their chats, told of by a line, and the call is refused as a whole where there is no such group', async () => {
  const add = (EMAIL: string, SONET_GROUP_ID: unknown) => portal.admin.call<number>('user.add', { EMAIL, NAME: 'Partner', EXTRANET: 'Y', SONET_GROUP_ID });
  await expect(add('partner@example.org', [17, 18])).rejects.toThrow('ERROR_NO_GROUP');
  const id = await add('partner@example.org', [17, 17]);
  const chat = await groupChat();
  expect(await portal.admin.call<number[]>('im.chat.user.list', { CHAT_ID: chat })).toContain(id);
  const { messages } = await anna.call<{ messages: Array<{ text: string }> }>('im.dialog.messages.get', { DIALOG_ID: 'sg17', LIMIT: 1 });
  expect(messages[0]!.text).toMatch(new RegExp(`\\[USER=${id} REPLACE\\]Partner\\[/USER\\] to the chat$`));
});

test('names are told as far as the asker may know them', async () => {
  const ACCESS = ['AU', 'G1', `U${anna.userId}`, `U${boris.userId}`, `D${sales}`, `DR${sales}`, 'D999999', 'SG17', 'SG17_A', 'SG18', 'x'];
  const everybody = { AU: { provider: '', name: 'All authorized users', provider_id: 'other' }, G1: { provider: '', name: 'Administrators', provider_id: 'other' } };
  const user = (who: Client, name: string) => ({ [`U${who.userId}`]: { provider: 'Users', name, provider_id: 'user' } });
  const structure = {
    [`D${sales}`]: { provider: 'Departments', name: 'Sales', provider_id: 'intranet' }, [`DR${sales}`]: { provider: 'Departments', name: 'Sales and below', provider_id: 'intranet' },
  };
  const group = { SG17: { provider: 'Workgroups', name: 'Rowing', provider_id: 'socnetgroup' }, SG17_A: { provider: 'Workgroups', name: 'Rowing: owner', provider_id: 'socnetgroup' } };
  const ask = (who: Client) => who.call('access.name', { ACCESS });
  expect(await ask(anna)).toEqual({ ...everybody, ...user(anna, 'Anna'), ...user(boris, 'Boris'), ...structure, ...group });
  expect(await ask(boris)).toEqual({ ...everybody, ...user(anna, 'Anna'), ...user(boris, 'Boris'), ...structure });
  expect(await ask(guest)).toEqual({ ...everybody, ...user(anna, 'Anna'), ...group });
});
