/** Finding people and chats by words. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fold, wordsOf } from '../../src/db/fold.ts';
import type { Client } from '../support/client.ts';
import { say } from '../support/people.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { inSmallPieces } from '../support/small-pieces.ts';

let portal: TestServer;

beforeAll(async () => {
  portal = await startTestServer({}, { store: inSmallPieces });
});
afterAll(() => portal[Symbol.asyncDispose]());

describe('im.search.user.list', () => {
  const search = async (who: Client, params: Record<string, unknown>) => (await who.raw('im.search.user.list', params)).body;
  const ids = async (who: Client, FIND: string) => Object.keys((await search(who, { FIND, LIMIT: 50 })).result as object).map(Number);

  test('finds by the beginnings of words of names, positions and departments', async () => {
    const department = await portal.admin.call<number>('department.add', { NAME: 'Подводные лодки', PARENT: 1 });
    const mila = await portal.addUser('Милана', { last_name: 'Øster-Quist', work_position: 'Tide keeper', departments: JSON.stringify([department]) });
    const found = await Promise.all(['мил', 'ØST', 'quis', 'keep', 'лод', 'ми ти', 'tide мил', 'keep quist'].map((FIND) => ids(portal.admin, FIND)));
    expect(found.map((list) => list.includes(mila.userId))).toEqual([true, true, true, true, true, false, true, true]);
    expect(await ids(portal.admin, 'лана')).toEqual([]);
    expect((await search(portal.admin, { FIND: 'Милана' })).result).toMatchObject({ [mila.userId]: { id: mila.userId, name: 'Милана Øster-Quist' } });
  });

  test('pages, counts, and gives an empty list for nobody', async () => {
    for (let i = 0; i < 7; i++) await portal.addUser(`Pagefinder${i}`);
    const first = await search(portal.admin, { FIND: 'pagef', LIMIT: 3 });
    const rest = await search(portal.admin, { FIND: 'pagef', LIMIT: 50, OFFSET: first['next'] });
    expect([first['total'], first['next'], rest['next']]).toEqual([7, 3, undefined]);
    expect([...Object.keys(first.result as object), ...Object.keys(rest.result as object)]).toHaveLength(7);
    expect(await search(portal.admin, { FIND: 'nobody at all' })).toMatchObject({ result: [], total: 0 });
    expect(await search(portal.admin, { FIND: '...' })).toMatchObject({ result: [], total: 0 });
  });

  test('finds whom the caller may see: no dismissed people, no bots, strangers not for guests', async () => {
    const named = (name: string, more: object = {}) => portal.addUser(name, { last_name: 'Seekable', ...more });
    const [anna, boris, guest] = [await named('Anna'), await named('Boris'), await named('Guest', { extranet: 1 })];
    await named('Gone', { active: 0 });
    await named('Bot', { external_auth_id: 'bot' });
    expect(await ids(anna, 'seek')).toEqual([anna.userId, boris.userId]);
    expect(await ids(guest, 'seek')).toEqual([guest.userId]);
    await anna.call('im.chat.add', { USERS: [guest.userId] });
    expect(await ids(guest, 'seek')).toEqual([anna.userId, guest.userId]);
    expect(await ids(anna, 'seek')).toEqual([anna.userId, boris.userId, guest.userId]);
  });
});

interface FoundChat {
  id: number;
  name: string;
  counter: number;
  role: string;
}

describe('im.search.chat.list', () => {
  const search = async (who: Client, params: Record<string, unknown>) => (await who.raw('im.search.chat.list', params)).body;
  const found = async (who: Client, params: Record<string, unknown>) => {
    const { result, total } = await search(who, { LIMIT: 50, ...params });
    const ids = (result as FoundChat[]).map(({ id }) => id);
    // What may not be seen is not counted either.
    expect(total).toBe(ids.length);
    return ids;
  };

  test('finds by title and by members, newest first, as cards', async () => {
    const [anna, zoya] = [await portal.addUser('Anna'), await portal.addUser('Зоя', { last_name: 'Harbour' })];
    const add = (TITLE: string, USERS: number[] = []) => anna.call<number>('im.chat.add', { TITLE, USERS });
    const [launch, other, both] = [await add('Launch of the boat'), await add('Other', [zoya.userId]), await add('Harbour launch', [zoya.userId])];
    await say(zoya, `chat${both}`);
    expect(await found(anna, { FIND: 'LAUNCH' })).toEqual([both, launch]);
    expect(await found(anna, { FIND: 'boa lau' })).toEqual([launch]);
    expect(await found(anna, { FIND: 'зо harb' })).toEqual([both, other]);
    expect(await found(anna, { FIND: 'unch' })).toEqual([]);
    const [card] = (await search(anna, { FIND: 'harbour launch' })).result as FoundChat[];
    expect(card).toMatchObject({ id: both, name: 'Harbour launch', counter: 1, role: 'owner' });
    for (const name of ['readed_list', 'manager_list', 'last_message_views', 'dialog_id']) expect(card).not.toHaveProperty(name);
    await anna.call('im.chat.leave', { CHAT_ID: launch });
    expect(await found(anna, { FIND: 'launch' })).toEqual([both]);
  });

  test('finds open chats for people of the portal, closed ones for their members, private dialogs for nobody', async () => {
    const [anna, boris, guest] = [await portal.addUser('Anna'), await portal.addUser('Boris'), await portal.addUser('Guest', { extranet: 1 })];
    const open = await anna.call<number>('im.chat.add', { TITLE: 'Findable open', TYPE: 'OPEN' });
    const closed = await anna.call<number>('im.chat.add', { TITLE: 'Findable closed', USERS: [guest.userId] });
    await say(anna, boris.userId);
    expect(await found(anna, { FIND: 'findable' })).toEqual([closed, open]);
    expect(await found(boris, { FIND: 'findable' })).toEqual([open]);
    expect(await found(guest, { FIND: 'findable' })).toEqual([closed]);
    expect(await found(boris, { FIND: 'anna' })).toEqual([]);
  });

  test('finds open lines apart, and pages', async () => {
    const anna = await portal.addUser('Anna');
    const lines: number[] = [];
    for (let i = 0; i < 5; i++) lines.unshift(await anna.call<number>('im.chat.add', { TITLE: `Lineseek ${i}`, ENTITY_TYPE: 'LINES', ENTITY_ID: `x|1|${i}|1` }));
    expect(await found(anna, { FIND: 'lineseek' })).toEqual([]);
    expect(await found(anna, { FIND: ' ', FIND_LINES: 'lineseek' })).toEqual(lines);
    expect(await search(anna, { FIND_LINES: 'lineseek', LIMIT: 2, OFFSET: 2 })).toMatchObject({ result: lines.slice(2, 4).map((id) => ({ id })), total: 5, next: 4 });
  });

  test('is a naive look at every title', { timeout: 60_000 }, async () => {
    const anna = await portal.addUser('Anna');
    const word = fc.constantFrom('Tide', 'tidal', 'Прилив', 'прил', 'ΣΊΣ', 'σίσ', '東京', 'a%', 'a_b', "O'Neill", '"x"', '\\y');
    const titles = fc.sample(fc.array(word, { minLength: 1, maxLength: 4 }).map((words) => words.join(' ')), 40);
    const chats: Array<{ id: number; title: string }> = [];
    for (const TITLE of titles) chats.unshift({ id: await anna.call<number>('im.chat.add', { TITLE }), title: TITLE });
    await fc.assert(fc.asyncProperty(fc.array(word, { minLength: 1, maxLength: 2 }), fc.nat({ max: 3 }), async (words, cut) => {
      const FIND = [...words.join(' ')].slice(0, -cut || undefined).join('');
      const wanted = wordsOf(FIND);
      const matches = ({ title }: { title: string }) => wanted.length > 0 && wanted.every((beginning) => wordsOf(title).some((other) => fold(other).startsWith(beginning)));
      if ([...FIND.trim()].length < 2) return;
      expect((await found(anna, { FIND })).filter((id) => chats.some((chat) => chat.id === id))).toEqual(chats.filter(matches).map(({ id }) => id));
    }), { numRuns: 60 });
  });

  test('is a naive look at every member', { timeout: 60_000 }, async () => {
    const dora = await portal.addUser('Dora');
    const names = ['Walrus Tusk', 'Walter Tern', 'Ternary Gull', 'Gull Tern', 'Gullible Walrus', 'Прилив Gull'];
    const people = await Promise.all(Array.from({ length: 24 }, (_, i) => portal.admin.call<number>('user.add', { NAME: names[i % 6]!.split(' ')[0], LAST_NAME: names[i % 6]!.split(' ')[1], EMAIL: `m${i}@example.org`, EXTRANET: 'N', UF_DEPARTMENT: [1] })));
    const drawn = fc.sample(fc.uniqueArray(fc.nat({ max: 23 }), { maxLength: 20 }), { numRuns: 25, seed: 3 });
    const chats: Array<{ id: number; members: number[] }> = [];
    for (const members of drawn) chats.unshift({ id: await dora.call<number>('im.chat.add', { TITLE: 'Plain', USERS: members.map((i) => people[i]!) }), members });
    const word = fc.constantFrom('Walrus', 'Wal', 'Tern', 'Gull', 'Gulli', 'прил', 'Dora');
    await fc.assert(fc.asyncProperty(fc.array(word, { minLength: 1, maxLength: 2 }), async (words) => {
      const isNamed = (i: number) => words.every((beginning) => wordsOf(names[i % 6]!).some((other) => other.startsWith(wordsOf(beginning)[0]!)));
      const ids = (await found(dora, { FIND: words.join(' ') })).filter((id) => chats.some((chat) => chat.id === id));
      expect(ids).toEqual(chats.filter(({ members }) => members.some(isNamed)).map(({ id }) => id));
    }), { numRuns: 40 });
  });
});

interface Opened {
  id: number | string;
  type: string;
  title: string;
  chat?: { id: number };
  user?: { id: number };
}

describe('im.search.last', () => {
  const opened = async (who: Client, params: Record<string, unknown> = {}) => (await who.call<Opened[]>('im.search.last.get', params)).map(({ id }) => id);
  const open = (who: Client, DIALOG_ID: string | number) => who.call('im.search.last.add', { DIALOG_ID });

  test('shows what was opened, the latest first, each once, until it is forgotten', async () => {
    const [anna, boris] = [await portal.addUser('Anna'), await portal.addUser('Boris')];
    const [chat, line] = [await anna.call<number>('im.chat.add', { TITLE: 'Opened' }), await anna.call<number>('im.chat.add', { ENTITY_TYPE: 'LINES', ENTITY_ID: 'x|1|last|1' })];
    for (const id of [boris.userId, `chat${chat}`, `chat${line}`, boris.userId]) expect(await open(anna, id)).toBe(true);
    expect(await opened(anna)).toEqual([boris.userId, `chat${line}`, `chat${chat}`]);
    expect(await anna.call<Opened[]>('im.search.last.get', { SKIP_OPENLINES: 'Y' })).toMatchObject([
      { type: 'user', title: 'Boris', user: { id: boris.userId } }, { type: 'chat', title: 'Opened', chat: { id: chat, mute_list: [] } },
    ]);
    expect(await opened(anna, { SKIP_CHAT: 'Y', SKIP_DIALOG: 'Y' })).toEqual([`chat${line}`]);
    await say(anna, boris.userId);
    expect([await anna.call('im.search.last.delete', { DIALOG_ID: boris.userId }), await anna.call('im.search.last.delete', { DIALOG_ID: boris.userId })]).toEqual([true, false]);
    expect(await opened(anna)).toEqual([`chat${line}`, `chat${chat}`]);
    expect(await opened(boris)).toEqual([]);
  });

  test('shows what the caller may still see, and can forget the rest', async () => {
    const [anna, boris] = [await portal.addUser('Anna'), await portal.addUser('Boris')];
    const chat = await anna.call<number>('im.chat.add', { USERS: [boris.userId] });
    expect(await open(boris, `chat${chat}`)).toBe(true);
    await boris.call('im.chat.leave', { CHAT_ID: chat });
    expect(await opened(boris)).toEqual([]);
    expect(await open(boris, `chat${chat}`)).toBe(false);
    expect(await boris.call('im.search.last.delete', { DIALOG_ID: `chat${chat}` })).toBe(true);
  });

  test('keeps the latest fifty', async () => {
    const anna = await portal.addUser('Anna');
    const chats: string[] = [];
    for (let i = 0; i < 52; i++) {
      chats.unshift(`chat${await anna.call<number>('im.chat.add')}`);
      await open(anna, chats[0]!);
    }
    expect(await opened(anna)).toEqual(chats.slice(0, 50));
  });
});
