/** im.recent.get: how far it reaches back, how dates may be written, and the portal's time zone. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { writeSetting } from '../../src/db/stores/portal-store.ts';
import type { Client } from '../support/client.ts';
import { send } from '../support/http.ts';
import { stable } from '../support/people.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

interface Row {
  title: string;
  date_update: string;
  date_last_activity: string;
  message: { date: string };
  chat: { date_create: string };
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

let portal: TestServer;

beforeAll(async () => {
  portal = await startTestServer();
});
afterAll(() => portal[Symbol.asyncDispose]());

async function titles(who: Client, params: Record<string, unknown> = {}): Promise<string[]> {
  return (await who.call<Row[]>('im.recent.get', params)).map((row) => row.title);
}

/** ATOM in UTC. */
const iso = (ms: number) => new Date(ms).toISOString().replace(/\.\d+Z$/, '+00:00');
const ago = (ms: number) => iso(portal.clock.now() - ms);

describe('the windows', () => {
  /** Chats by how long ago they last changed, newest first. */
  const AGES: Record<string, number> = {
    now: MINUTE, '6 days': 7 * DAY - HOUR, '8 days': 7 * DAY + HOUR, '29 days': 30 * DAY - HOUR, '31 days': 30 * DAY + HOUR,
  };
  const ALL = Object.keys(AGES);
  let anna: Client;

  beforeAll(async () => {
    anna = await portal.addUser('Anna');
    let age = Math.max(...Object.values(AGES));
    for (const TITLE of ALL.toReversed()) {
      portal.clock.advance(age - AGES[TITLE]!);
      age = AGES[TITLE]!;
      await anna.call('im.chat.add', { TITLE });
      await anna.call('im.chat.add', { TITLE: `line ${TITLE}`, ENTITY_TYPE: 'LINES' });
    }
    portal.clock.advance(age);
  });

  const CASES: Array<{ what: string; params: () => Record<string, unknown>; shown: string[] }> = [
    { what: 'no date: 30 days', params: () => ({}), shown: ALL.slice(0, 4) },
    { what: 'empty dates are as good as none', params: () => ({ LAST_UPDATE: '', LAST_SYNC_DATE: null }), shown: ALL.slice(0, 4) },
    { what: 'LAST_SYNC_DATE within 7 days', params: () => ({ LAST_SYNC_DATE: ago(DAY) }), shown: ['now'] },
    { what: 'LAST_SYNC_DATE beyond 7 days reaches 7 days', params: () => ({ LAST_SYNC_DATE: ago(20 * DAY) }), shown: ALL.slice(0, 2) },
    { what: 'LAST_SYNC_DATE of another age of the world', params: () => ({ LAST_SYNC_DATE: '1970-01-01T00:00:00+00:00' }), shown: ALL.slice(0, 2) },
    { what: 'LAST_UPDATE within 7 days', params: () => ({ LAST_UPDATE: ago(DAY) }), shown: ['now'] },
    { what: 'LAST_UPDATE beyond 7 days reaches as far as it says', params: () => ({ LAST_UPDATE: ago(20 * DAY) }), shown: ALL.slice(0, 3) },
    { what: 'LAST_UPDATE beyond 30 days reaches 30 days', params: () => ({ LAST_UPDATE: ago(300 * DAY) }), shown: ALL.slice(0, 4) },
    { what: 'both: the later counts, here LAST_UPDATE', params: () => ({ LAST_UPDATE: ago(DAY), LAST_SYNC_DATE: ago(6.99 * DAY) }), shown: ['now'] },
    { what: 'both: the later counts, here LAST_SYNC_DATE', params: () => ({ LAST_UPDATE: ago(20 * DAY), LAST_SYNC_DATE: ago(DAY) }), shown: ['now'] },
    { what: 'both beyond their windows', params: () => ({ LAST_UPDATE: ago(300 * DAY), LAST_SYNC_DATE: ago(300 * DAY) }), shown: ALL.slice(0, 2) },
    { what: 'an empty LAST_UPDATE does not cancel LAST_SYNC_DATE', params: () => ({ LAST_UPDATE: '', LAST_SYNC_DATE: ago(DAY) }), shown: ['now'] },
    { what: 'an empty LAST_SYNC_DATE does not cancel LAST_UPDATE', params: () => ({ LAST_UPDATE: ago(DAY), LAST_SYNC_DATE: '' }), shown: ['now'] },
    { what: 'a date in the future', params: () => ({ LAST_UPDATE: ago(-HOUR) }), shown: [] },
  ];

  test.each(CASES)('$what', async ({ params, shown }) => {
    expect(await titles(anna, { ...params(), SKIP_OPENLINES: 'Y' })).toEqual(shown);
    // A second call may come from what was kept of the first.
    expect(await titles(anna, { ...params(), SKIP_OPENLINES: 'Y' })).toEqual(shown);
  });

  test('open lines alone have no window without a date, and the same one with', async () => {
    expect(await titles(anna, { ONLY_OPENLINES: 'Y' })).toEqual(ALL.map((age) => `line ${age}`));
    expect(await titles(anna, { ONLY_OPENLINES: 'Y', LAST_UPDATE: ago(300 * DAY) })).toEqual(ALL.slice(0, 4).map((age) => `line ${age}`));
    expect(await titles(anna, { ONLY_OPENLINES: 'Y', LAST_SYNC_DATE: ago(300 * DAY) })).toEqual(ALL.slice(0, 2).map((age) => `line ${age}`));
  });

  test('im.recent.list has no window', async () => {
    const { items } = await anna.call<{ items: Row[] }>('im.recent.list', { SKIP_OPENLINES: 'Y' });
    expect(items.map((row) => row.title)).toEqual(ALL);
  });

  test('rows leave the window as time goes by, pinned ones too, and return with a change', async () => {
    const clara = await portal.addUser('Clara');
    const id = await clara.call<number>('im.chat.add', { TITLE: 'Old' });
    await clara.call('im.recent.pin', { DIALOG_ID: `chat${id}` });
    expect(await titles(clara)).toEqual(['Old']);
    portal.clock.advance(30 * DAY - MINUTE);
    expect(await titles(clara)).toEqual(['Old']);
    portal.clock.advance(2 * MINUTE);
    expect(await titles(clara)).toEqual([]);
    await clara.call('im.recent.unread', { DIALOG_ID: `chat${id}` });
    expect(await titles(clara)).toEqual(['Old']);
  });

  test('the date is inclusive, to the second that rows show', async () => {
    const emil = await portal.addUser('Emil');
    await emil.call('im.chat.add', { TITLE: 'Now' });
    const [row] = await emil.call<Row[]>('im.recent.get');
    const at = Date.parse(row!.date_update);
    for (const name of ['LAST_UPDATE', 'LAST_SYNC_DATE']) {
      expect(await titles(emil, { [name]: row!.date_update })).toEqual(['Now']);
      expect(await titles(emil, { [name]: iso(at + 1000) })).toEqual([]);
    }
  });
});

describe('ways to write a date', () => {
  /** At noon UTC of its day, so that dates of other zones do not fall on another day. */
  let who: Client;
  let noon: number;

  beforeAll(async () => {
    const past = portal.clock.now() % DAY;
    portal.clock.advance((past < DAY / 2 ? DAY / 2 : (3 * DAY) / 2) - past);
    who = await portal.addUser('Fritz');
    await who.call('im.chat.add', { TITLE: 'At noon' });
    noon = Date.parse((await who.call<Row[]>('im.recent.get'))[0]!.date_update);
    portal.clock.advance(HOUR);
  });

  const local = (ms: number, offset = 0) => new Date(ms + offset).toISOString().slice(0, 19);
  /** Spellings of an instant. */
  const SPELLINGS: Record<string, (ms: number) => string> = {
    'an offset of zero': (ms) => `${local(ms)}+00:00`,
    'an offset east': (ms) => `${local(ms, 3 * HOUR)}+03:00`,
    'an offset west with minutes': (ms) => `${local(ms, -3.5 * HOUR)}-03:30`,
    'an offset without a colon': (ms) => `${local(ms, HOUR)}+0100`,
    'a plus that became a space': (ms) => `${local(ms, HOUR)} 01:00`,
    Z: (ms) => `${local(ms)}Z`,
    'a small z and t': (ms) => `${local(ms)}z`.replace('T', 't'),
    'a fraction': (ms) => `${local(ms)}.000Z`,
    'a fraction of six digits': (ms) => `${local(ms)}.000000+00:00`,
    'a space for the T': (ms) => `${local(ms).replace('T', ' ')}+00:00`,
    'no offset: the portal\'s zone': (ms) => local(ms),
    'blanks around it': (ms) => ` ${local(ms)}Z `,
  };

  test.each(Object.entries(SPELLINGS))('%s', async (_what, spell) => {
    for (const name of ['LAST_UPDATE', 'LAST_SYNC_DATE']) {
      expect(await titles(who, { [name]: spell(noon) })).toEqual(['At noon']);
      expect(await titles(who, { [name]: spell(noon + 1000) })).toEqual([]);
    }
  });

  test('a plus in a query that nobody encoded', async () => {
    const get = async (ms: number) => (await send(`${who.url}im.recent.get?LAST_UPDATE=${local(ms, HOUR)}+01:00`)).body['result'];
    expect(await get(noon)).toHaveLength(1);
    expect(await get(noon + 1000)).toHaveLength(0);
  });

  test('a fraction is finer than a second', async () => {
    expect(await titles(who, { LAST_UPDATE: `${local(noon - 1000)}.999Z` })).toEqual(['At noon']);
    expect(await titles(who, { LAST_UPDATE: `${local(noon)}.999Z` })).toEqual([]);
  });

  test('a bare date is its midnight', async () => {
    expect(await titles(who, { LAST_UPDATE: local(noon).slice(0, 10) })).toEqual(['At noon']);
    expect(await titles(who, { LAST_UPDATE: local(noon + DAY).slice(0, 10) })).toEqual([]);
  });

  const GARBAGE = [
    'yesterday', 'now', '0', '1772086038', 'Y', '2026', '2026-02', '2026-2-5', '25.02.2026', '2026-02-25T', '2026-02-25T18',
    '2026-02-25T25:00:00Z', '2026-02-31T00:00:00Z', '2026-02-25T18:30:00 01:00x', '0000-00-00', "2026-02-25T18:30:00Z'; --",
  ];

  test.each([...GARBAGE, 1_772_086_038, true, ['2026-02-25'], { a: 1 }])('%j is an error that names the parameter', async (value) => {
    for (const [name, other] of [['LAST_UPDATE', 'LAST_SYNC_DATE'], ['LAST_SYNC_DATE', 'LAST_UPDATE']] as const) {
      for (const params of [{ [name]: value }, { [name]: value, [other]: ago(DAY) }, { [name]: value, ONLY_OPENLINES: 'Y' }]) {
        const failure = await who.fails('im.recent.get', params);
        expect(failure).toMatchObject({ status: 400, error: 'ERROR_ARGUMENT', argument: name, text: expect.stringContaining(name) });
      }
    }
  });
});

describe('the portal\'s time zone', () => {
  const setZone = (zone: string) => portal.server.context.db.write((s) => writeSetting(s, 'timezone', zone));
  afterEach(() => setZone('UTC'));

  test.each([['Asia/Kolkata', '+05:30'], ['America/St_Johns', '-0[23]:30'], ['Europe/Berlin', '\\+0[12]:00'], ['UTC', '\\+00:00'], ['Pacific/Kiritimati', '\\+14:00']])(
    'in %s every date has its offset and stays the same instant',
    async (zone, offset) => {
      const gina = await portal.addUser('Gina');
      await gina.call('im.chat.add', { TITLE: 'Chat' });
      const [before] = await gina.call<Row[]>('im.recent.get');
      await setZone(zone);
      const [row] = await gina.call<Row[]>('im.recent.get');
      const dates = ({ date_update, date_last_activity, message, chat }: Row) => [date_update, date_last_activity, message.date, chat.date_create];
      expect(dates(row!).map((date) => Date.parse(date))).toEqual(dates(before!).map((date) => Date.parse(date)));
      const { time, result } = (await gina.raw('server.time')).body as { time: Record<string, string>; result: string };
      for (const date of [...dates(row!), result, time['date_start'], time['date_finish']]) expect(date).toMatch(
        new RegExp(`^[-\\d]+T[:\\d]+${offset.replace(/^\+/, '\\+')}$`)
      );
      const { items } = await gina.call<{ items: Row[] }>('im.recent.list');
      expect(stable(items)).toEqual(stable([row]));
    },
  );

  test('dates without an offset are read in it', async () => {
    const hans = await portal.addUser('Hans');
    await setZone('Asia/Kolkata');
    // Whoever asks with a date from before gets everything, as everything looks different.
    portal.clock.advance(60_000);
    await hans.call('im.chat.add', { TITLE: 'Chat' });
    const [row] = await hans.call<Row[]>('im.recent.get');
    const wall = row!.date_update.slice(0, 19);
    expect(await titles(hans, { LAST_UPDATE: wall })).toEqual(['Chat']);
    expect(await titles(hans, { LAST_UPDATE: iso(Date.parse(`${wall}Z`) + 1000).slice(0, 19) })).toEqual([]);
    expect(await titles(hans, { LAST_UPDATE: wall.slice(0, 10) })).toEqual(['Chat']);
    expect(await titles(hans, { LAST_UPDATE: iso(Date.parse(`${wall.slice(0, 10)}T00:00:00Z`) + DAY).slice(0, 10) })).toEqual([]);
  });
});
