/**
 * A message is let in by what was last known of its place. Where that is not so any more, the answer and the rows are those of
 * a server that knows nothing and decides each message by itself.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { inFrontOf } from '../../src/db/in-front.ts';
import type { WriteSession } from '../../src/db/database.ts';
import type { Client } from '../support/client.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

interface Scene {
  portal: TestServer;
  owner: Client;
  sender: Client;
  partner: Client;
  /** A chat in which only managers write: the sender is one. */
  channel: number;
  chat: number;
}

let knowing: TestServer;
let deciding: TestServer;

beforeAll(async () => {
  knowing = await startTestServer({}, { folding: 'never' });
  deciding = await startTestServer({}, { folding: 'never', store: (db) => inFrontOf(db, { together: () => undefined }) });
});
afterAll(async () => {
  await knowing[Symbol.asyncDispose]();
  await deciding[Symbol.asyncDispose]();
});

async function aScene(portal: TestServer): Promise<Scene> {
  const [owner, sender, partner] = [await portal.addUser('Owner'), await portal.addUser('Sender'), await portal.addUser('Partner')];
  const make = (params: Record<string, unknown>) => owner.call<number>('im.chat.add', { ...params, USERS: [sender.userId] });
  const [channel, chat] = [await make({ TITLE: 'News', TYPE: 'CHANNEL' }), await make({ TITLE: 'Team' })];
  const scene = { portal, owner, sender, partner, channel, chat };
  await becomeOf(channel, 2)(scene);
  await partner.call('im.message.add', { DIALOG_ID: sender.userId, MESSAGE: 'Hello' });
  return scene;
}

/** Written past all rules, as another process would. */
const inside = (write: (s: WriteSession, scene: Scene) => Promise<unknown>) => (scene: Scene) => scene.portal.server.context.db.write((s) => write(s, scene).then(() => {}));
const becomeOf = (chatId: number, role: number) => inside((s, { sender }) => s.query((q) => q.updateTable('member').set({ role }).where('user_id', '=', sender.userId).where('chat_id', '=', chatId)));
const become = (role: number) => (scene: Scene) => becomeOf(scene.channel, role)(scene);
const becomeGuest = inside((s, { partner }) => s.query((q) => q.updateTable('user').set({ extranet: 1 }).where('id', '=', partner.userId)));
const remove = ({ owner, sender, chat }: Scene) => owner.call('im.chat.user.delete', { CHAT_ID: chat, USER_ID: sender.userId });
const bringBack = ({ owner, sender, chat }: Scene) => owner.call('im.chat.user.add', { CHAT_ID: chat, USERS: [sender.userId] });
const permit = (role: string, which: 'chat' | 'channel') => (scene: Scene) => scene.owner.call('tidemark.chat.permissions.set', { CHAT_ID: scene[which], CAN_POST: role });

const team = ({ chat }: Scene) => `chat${chat}`;
const news = ({ channel }: Scene) => `chat${channel}`;
const privately = ({ partner }: Scene) => String(partner.userId);

interface Happening {
  what: string;
  into: (scene: Scene) => string;
  happen: (scene: Scene) => Promise<unknown>;
  /** Undefined where the message is sent all the same. */
  error?: string;
}

const HAPPENINGS: readonly Happening[] = [
  { what: 'nothing', into: team, happen: async () => {} },
  { what: 'the sender is removed', into: team, happen: remove, error: 'ACCESS_ERROR' },
  { what: 'the sender leaves', into: team, happen: ({ sender, chat }) => sender.call('im.chat.leave', { CHAT_ID: chat }), error: 'ACCESS_ERROR' },
  { what: 'the sender is removed and brought back', into: team, happen: async (scene) => [await remove(scene), await bringBack(scene)] },
  { what: 'the sender is no manager any more', into: news, happen: become(1), error: 'ACCESS_ERROR' },
  { what: 'the sender becomes the owner', into: news, happen: become(3) },
  { what: 'only managers may write any more', into: team, happen: inside((s, { chat }) => s.query((q) => q.updateTable('chat').set({ entity_type: 'ANNOUNCEMENT' }).where('id', '=', chat))), error: 'ACCESS_ERROR' },
  { what: 'only the owner may write any more', into: team, happen: permit('owner', 'chat'), error: 'ACCESS_ERROR' },
  { what: 'members may write', into: news, happen: permit('member', 'channel') },
  { what: 'the chat is muted, hidden and pinned', into: team, happen: async ({ sender, chat }) => [await sender.call('im.chat.mute', { DIALOG_ID: `chat${chat}`, MUTE: 'Y' }), await sender.call('im.recent.pin', { DIALOG_ID: `chat${chat}` })] },
  { what: 'the partner becomes a guest who shares no chat', into: privately, happen: becomeGuest, error: 'ACCESS_ERROR' },
  { what: 'the partner becomes a guest who shares a chat', into: privately, happen: async (scene) => [await scene.owner.call('im.chat.user.add', { CHAT_ID: scene.chat, USERS: [scene.partner.userId] }), await becomeGuest(scene)] },
  { what: 'the partner is dismissed', into: privately, happen: inside((s, { partner }) => s.query((q) => q.updateTable('user').set({ active: 0 }).where('id', '=', partner.userId))) },
];

/** What is answered to messages sent at the same time, and what there is then. */
async function outcome(portal: TestServer, { into, happen }: Happening) {
  const scene = await aScene(portal);
  const { sender, owner } = scene;
  const send = (client: Client, params: Record<string, unknown> = {}) => client.raw('im.message.add', { DIALOG_ID: into(scene), MESSAGE: 'Then', ...params });
  await send(sender);
  const aside = await owner.call<number>('im.chat.add', { TITLE: 'Aside' });
  await happen(scene);
  const again = { TEMPLATE_ID: randomUUID() };
  // Whatever becomes of the one, what is sent together with it is sent.
  const answers = await Promise.all([send(sender), send(sender, again), send(sender, again), owner.raw('im.message.add', { DIALOG_ID: `chat${aside}`, MESSAGE: 'Aside' })]);
  const { db } = portal.server.context;
  const chatIds = [scene.chat, scene.channel];
  const rows = await db.read(async (s) => ({
    chats: await s.query((q) => q.selectFrom('chat').select(['message_count', 'count_seq', 'warm']).where('id', 'in', chatIds).orderBy('id')),
    sides: await s.query((q) => q.selectFrom('member').select(['chat_id', 'role', 'read_count_seq', 'own_seq', 'left_at']).where('user_id', '=', sender.userId).where('chat_id', 'in', chatIds).orderBy('chat_id')),
    entries: await s.query((q) => q.selectFrom('journal').select('what').where('what', '=', 'message.added').where('actor_id', '=', sender.userId)),
  }));
  const ids = answers.map(({ body }) => body.result);
  return {
    same: ids[1] === ids[2],
    said: answers.map(({ status, body }) => [status, body.error, body.error_description]),
    rows: { ...rows, sides: rows.sides.map(({ left_at, chat_id, ...side }) => ({ ...side, chat: chatIds.indexOf(chat_id), left: left_at > 0 })) },
  };
}

test.each(HAPPENINGS)('$what', async (happening) => {
  const there = await outcome(knowing, happening);
  expect(there).toEqual(await outcome(deciding, happening));
  expect(there.same).toBe(true);
  expect(there.said.slice(0, 3).map(([, error]) => error)).toEqual(Array.from({ length: 3 }, () => happening.error));
  expect(there.said[3]![1]).toBe(undefined);
});
