/** What makes rows look different that nobody has written: the portal's zone, and whom a guest may meet. Every kind of sync sees it. */
import { describe, expect, test } from 'vitest';
import { TIMEZONE } from '../../src/db/stores/mark-store.ts';
import { writeSetting } from '../../src/db/stores/portal-store.ts';
import type { Client } from '../support/client.ts';
import { type Message, say } from '../support/people.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

interface Row {
  id: number | string;
  date_update: string;
  message: { date: string };
  user: { last_activity_date: unknown; idle: unknown; work_position: string; email: string };
}
interface Changes {
  items: Row[];
  removed: Array<number | string>;
  token: string;
  reset_required: boolean;
}

/** A copy of somebody's list, brought up to date in one way; what it does not name is kept. */
type Way = (who: Client) => Promise<() => Promise<readonly Row[]>>;

const HOUR = 3_600_000;

async function byDate(who: Client, next: (answer: { result: Row[]; time: { date_start: string } }) => Record<string, string>): Promise<() => Promise<readonly Row[]>> {
  const get = async (params = {}) => (await who.raw('im.recent.get', params)).body as unknown as { result: Row[]; time: { date_start: string } };
  const answer = await get();
  return async () => {
    const changed = new Map((await get(next(answer))).result.map((row) => [row.id, row]));
    return answer.result.map((row) => changed.get(row.id) ?? row);
  };
}

async function byToken(who: Client, token: string, had: readonly Row[]): Promise<readonly Row[]> {
  const answer = await who.call<Changes>('tidemark.recent.changes', { TOKEN: token, LIMIT: 200 });
  if (answer.reset_required) return (await who.call<Changes>('tidemark.recent.changes', { LIMIT: 200 })).items;
  const changed = new Map(answer.items.map((row) => [row.id, row]));
  return had.map((row) => changed.get(row.id) ?? row);
}

/** The newest change that a client has. */
const newest = (rows: readonly Row[]) => rows.map((row) => row.date_update).reduce((a, b) => (Date.parse(a) > Date.parse(b) ? a : b));

const WAYS: Record<string, Way> = {
  'LAST_SYNC_DATE from the start of the call': (who) => byDate(who, ({ time }) => ({ LAST_SYNC_DATE: time.date_start })),
  'LAST_UPDATE of the newest row': (who) => byDate(who, ({ result }) => ({ LAST_UPDATE: newest(result) })),
  async TOKEN(who) {
    const { items, token } = await who.call<Changes>('tidemark.recent.changes', { LIMIT: 200 });
    return () => byToken(who, token, items);
  },
  async 'X-Tidemark-Token'(who) {
    const response = await fetch(`${who.url}im.recent.get`);
    const { result } = (await response.json()) as { result: Row[] };
    return () => byToken(who, response.headers.get('x-tidemark-token')!, result);
  },
  async ETag(who) {
    const response = await fetch(`${who.url}im.recent.get`);
    return async () => {
      const next = await fetch(`${who.url}im.recent.get`, { headers: { 'if-none-match': response.headers.get('etag')! } });
      return ((await (next.status === 304 ? response : next).json()) as { result: Row[] }).result;
    };
  },
};

const asShown = (rows: readonly Row[]) => new Map(rows.map((row) => [row.id, { ...row, user: { ...row.user, last_activity_date: false, idle: false } }]));

/** A copy is made, something happens, time passes: then its rows look as in a fresh list. */
async function followed(portal: TestServer, who: Client, way: Way, happens: () => Promise<unknown>): Promise<void> {
  portal.clock.advance(HOUR);
  const sync = await way(who);
  portal.clock.advance(HOUR);
  await happens();
  portal.clock.advance(1000);
  const copy = await sync();
  const fresh = (await who.call<{ items: Row[] }>('im.recent.list', { LIMIT: 200 })).items;
  const both = (rows: readonly Row[], others: readonly Row[]) => rows.filter(({ id }) => others.some((other) => other.id === id));
  expect(asShown(both(copy, fresh))).toEqual(asShown(both(fresh, copy)));
}

const setZone = ({ server }: TestServer, zone: string) => server.context.db.write((s) => writeSetting(s, TIMEZONE, zone));

describe.each(Object.entries(WAYS))('who syncs by %s', (_name, way) => {
  test('has the dates of the zone that the portal was set to, with lists kept and without', async () => {
    for (const settings of [{}, { cacheMb: 0 }]) {
      await using portal = await startTestServer(settings);
      const boris = await portal.addUser('Boris');
      await say(portal.admin, boris.userId);
      portal.clock.advance(HOUR);
      await say(boris, `chat${await boris.call<number>('im.chat.add', { TITLE: 'Group', USERS: [1] })}`);
      await followed(portal, portal.admin, way, () => setZone(portal, 'Asia/Kolkata'));
      const [row] = await portal.admin.call<Row[]>('im.recent.get');
      expect(row!.message.date).toMatch(/\+05:30$/);
    }
  });

  test('a guest sees who becomes known to them, or no longer is, in the rows of chats where these spoke last', async () => {
    await using portal = await startTestServer();
    const { boris, guest, chat, other } = await spokeLast(portal);
    const position = async () => (await guest.call<Row[]>('im.recent.get')).find(({ id }) => id === `chat${chat}`)!.user.work_position;
    expect(await position()).toBe('');
    await followed(portal, guest, way, () => portal.admin.call('im.chat.user.add', { CHAT_ID: other, USERS: [boris.userId] }));
    expect(await position()).toBe('Sales');
    await followed(portal, guest, way, () => boris.call('im.chat.leave', { CHAT_ID: other }));
    expect(await position()).toBe('');
    const third = await portal.admin.call<number>('im.chat.add', { TITLE: 'Third', USERS: [boris.userId] });
    await followed(portal, guest, way, () => portal.admin.call('im.chat.user.add', { CHAT_ID: third, USERS: [guest.userId] }));
    expect(await position()).toBe('Sales');
    await followed(portal, guest, way, () => portal.admin.call('im.chat.user.delete', { CHAT_ID: third, USER_ID: guest.userId }));
    expect(await position()).toBe('');
    await followed(portal, guest, way, () => portal.admin.call('user.update', { ID: guest.userId, EXTRANET: 'N' }));
    expect(await position()).toBe('Sales');
    await followed(portal, guest, way, () => portal.admin.call('user.update', { ID: guest.userId, EXTRANET: 'Y' }));
    expect(await position()).toBe('');
  });
});

/** A guest is in two chats; in one of them Boris, who has left it, wrote the last message that is left. */
async function spokeLast(portal: TestServer) {
  const boris = await portal.addUser('Boris', { work_position: 'Sales' });
  const guest = await portal.addUser('Gina', { extranet: 1 });
  const [chat, other] = [
    await portal.admin.call<number>('im.chat.add', { TITLE: 'First', USERS: [boris.userId, guest.userId] }),
    await portal.admin.call<number>('im.chat.add', { TITLE: 'Second', USERS: [guest.userId] }),
  ];
  await say(boris, `chat${chat}`);
  await boris.call('im.chat.leave', { CHAT_ID: chat });
  const { messages } = await portal.admin.call<{ messages: Message[] }>('im.dialog.messages.get', { DIALOG_ID: `chat${chat}`, LIMIT: 1 });
  await portal.admin.call('im.message.delete', { MESSAGE_ID: messages[0]!.id });
  return { boris, guest, chat, other };
}
