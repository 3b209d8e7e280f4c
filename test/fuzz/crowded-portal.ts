/** A portal as large as portals get: ten thousand users, lists and chats of real length, and what is largest of everything else. */
import { seederOn } from '../../bench/seed.ts';
import { insertMembers } from '../../src/db/stores/member-store.ts';
import { emptyChat, newMember } from '../../src/messenger/posting/posting.ts';
import { insertChat } from '../../src/db/stores/chat-store.ts';
import { addApp } from '../support/application.ts';
import { type Client, clientFor } from '../support/client.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const USERS = 10_000;
const CHATS = 10_000;
const HEAVY_MESSAGES = 50;

export interface CrowdedPortal extends AsyncDisposable {
  portal: TestServer;
  users: readonly number[];
  /** Has a list of ten thousand chats. */
  busy: Client;
  /** Has a list of two thousand, which is kept. */
  usual: Client;
  /** From outside, with a private dialog with each of a thousand people. */
  guest: Client;
  /** Calls as `busy` with an application's token. */
  app: Client;
  /** A chat of all users; `busy` owns it. */
  wide: number;
  /** A chat whose messages are as large as messages get. */
  heavy: number;
}

export async function openCrowdedPortal(): Promise<CrowdedPortal> {
  const portal = await startTestServer();
  const { db } = portal.server.context;
  const seeder = seederOn(db, portal.clock);
  const users = await seeder.users(USERS);
  const clientOf = async (id: number) => clientFor(`${portal.http}/rest/${id}/${await seeder.webhook(id)}/`, id);
  const [busy, usual] = [await clientOf(users[0]!), await clientOf(users[1]!)];
  const guest = await portal.addUser('Guest', { extranet: 1 });
  await seeder.chats('chats of one user', lists(busy.userId, users, CHATS));
  await seeder.chats('chats of another', lists(usual.userId, users, 2000));
  await seeder.chats('groups of a guest', lists(guest.userId, users, 20));
  const [wide] = await seeder.chats('a chat of all', [{ members: users, daysAgo: 1 }]);
  await addPrivateDialogs(portal, guest.userId, users.slice(0, 1000));
  const heavy = await addHeavyChat(portal, busy, users);
  const app = await (await addApp(portal)).as(busy);
  await addOptionsAndHandlers(portal, app);
  return {
    portal, users, busy, usual, guest, wide: wide!, heavy,
    app,
    [Symbol.asyncDispose]: () => portal[Symbol.asyncDispose](),
  };
}

/** Chats with four others each, spread over the time that a list reaches back. */
function lists(userId: number, users: readonly number[], count: number) {
  return Array.from({ length: count }, (_, i) => ({
    // The first is the author, for whom nothing is unread.
    members: [...new Set([...[1, 2, 3, 4].map((step) => users[2 + ((i * 7 + step * 13) % (users.length - 2))]!), userId])],
    daysAgo: (i * 28) / count,
  }));
}

async function addPrivateDialogs({ server, clock }: TestServer, userId: number, peers: readonly number[]): Promise<void> {
  const { db } = server.context;
  await db.write(async (s) => {
    for (const peer of peers) {
      const at = clock.now();
      const pair = [userId, peer].sort((a, b) => a - b).join(':');
      const chat = await insertChat(s, { ...emptyChat(at), type: 'P', owner_id: userId, pair_key: pair, member_count: 2, last_message_at: at });
      const rows = [[userId, peer], [peer, userId]].map(([user, other]) => ({ ...newMember(chat, user!, 1, at), peer_id: other!, sort_at: at }));
      await insertMembers(s, rows);
    }
  });
}

/** As many bytes of options, and as many handlers of one event, as may be. */
async function addOptionsAndHandlers({ server: { context: { db, clock } } }: TestServer, app: Client): Promise<void> {
  await app.call('user.option.set', { OPTIONS: Object.fromEntries(Array.from({ length: 16 }, (_, i) => [`o${i}`, '\u{1f30a}'.repeat(16_300)])) });
  const [{ id } = { id: 0 }] = await db.read((s) => s.query((q) => q.selectFrom('app').select('id')));
  const handlers = Array.from({ length: 500 }, (_, i) => ({ app_id: id, event: 'ONAPPTEST', url: `https://x.example/${i}`, user_id: 0, bound_by: app.userId, scope: 'im', hops: 7, grant_id: '', refreshable: 0 as const, ends_at: 0, created_at: clock.now() }));
  await db.write((s) => s.query((q) => q.insertInto('event_handler').values(handlers)));
}

async function addHeavyChat({ server }: TestServer, owner: Client, users: readonly number[]): Promise<number> {
  const chat = await owner.call<number>('im.chat.add', { TITLE: 'Heavy', USERS: users.slice(0, 50) });
  const params = {
    ATTACH: Array.from({ length: 1000 }, (_, i) => ({ MESSAGE: `line ${i} ${'x'.repeat(30)}` })),
    KEYBOARD: Array.from({ length: 900 }, (_, i) => ({ TEXT: `button ${i}`, LINK: '/x', BLOCK: 'Y' })),
    MENU: Array.from({ length: 900 }, (_, i) => ({ TEXT: `entry ${i}`, LINK: '/x' })),
    MESSAGE: 'words '.repeat(3300),
  };
  for (let i = 0; i < HEAVY_MESSAGES; i += 1) await owner.call('im.message.add', { DIALOG_ID: `chat${chat}`, ...params });
  // What is stored is what the limits let through.
  const [largest] = await server.context.db.read((s) => s.query((q) => q.selectFrom('message').select((eb) => eb.fn.max(eb.fn<number>('octet_length', ['params'])).as('size'))));
  if (Number(largest!.size) < 100_000) throw new Error('the messages are not heavy');
  return chat;
}
