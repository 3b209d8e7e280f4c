/** A seeded portal is exactly what the rules make of the same acts, and goes on like any other. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Clock } from '../../src/base/clock.ts';
import type { Outcome } from '../../src/base/outcome.ts';
import type { Database } from '../../src/db/database.ts';
import type { Schema } from '../../src/db/schema.ts';
import { findUsers } from '../../src/db/stores/user-store.ts';
import { ACT, makePlan, type Plan, type SeedSize } from '../../src/demo/seed/plan.ts';
import { profileOf, reactionTo, saidIn, seedPortal } from '../../src/demo/seed/seeder.ts';
import { addWebhook, SCOPES } from '../../src/identity/webhooks.ts';
import type { DialogRef } from '../../src/messenger/access/dialogs.ts';
import { viewerOf } from '../../src/messenger/access/viewer.ts';
import { createChat } from '../../src/messenger/chats/chats.ts';
import { editMessage } from '../../src/messenger/messages/messages.ts';
import { react } from '../../src/messenger/messages/reactions.ts';
import { sendMessage } from '../../src/messenger/messages/sending.ts';
import { createMessenger } from '../../src/messenger/messenger.ts';
import { addUser } from '../../src/messenger/people/users.ts';
import { readDialog } from '../../src/messenger/reading/reading.ts';
import { markUnread, muteChat, pinRow } from '../../src/messenger/recent/row-state.ts';
import { chatColor } from '../../src/messenger/views/colors.ts';
import { clientFor } from '../support/client.ts';
import type { Row } from '../support/people.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const NOW = Math.floor(Date.now() / 1000) * 1000;
const SIZES: Record<string, SeedSize> = {
  'few people with much to say': { users: 20, chats: 100, messages: 1000, seed: 7 },
  'a chat of more than a hundred': { users: 125, chats: 12, messages: 300, seed: 8 },
};

const fixed = (at: number): Clock => ({ now: () => at, precise: () => at });

function must<T>(outcome: Outcome<T, string>): T {
  if (!outcome.ok) throw new Error(outcome.reason);
  return outcome.value;
}

/** Does everything that is planned as clients would, one after the other. */
async function play(db: Database, { size, people, chats, acts }: Plan): Promise<void> {
  let now = 0;
  const m = createMessenger(db, { now: () => now, precise: () => now });
  for (const [i, person] of people.entries()) {
    now = person.at;
    if (i > 0) expect(must(await addUser(m, 1, profileOf(person, i)))).toBe(i + 1);
  }
  const users = await db.read((s) => findUsers(s, people.map((_, i) => i + 1)));
  const viewers = people.map((_, i) => viewerOf(users.find(({ id }) => id === i + 1)!));
  const [ids, last] = [new Map<number, number>(), new Map<number, number>()];
  for (let i = 0; i < acts.at.length; i++) {
    const [kind, chat, actor] = [acts.kind[i]!, acts.chat[i]!, acts.actor[i]!];
    const { type, title, color, members } = chats[chat]!;
    now = acts.at[i]!;
    const viewer = viewers[members[actor]!]!;
    const ref: DialogRef = type === 'P' ? { kind: 'user', id: members[1 - actor]! + 1 } : { kind: 'chat', id: ids.get(chat)! };
    const target = last.get(chat)!;
    switch (kind) {
      case ACT.open:
        ids.set(chat, must(await createChat(m, { ownerId: viewer.userId, type, title, color: chatColor(color), userIds: members.map((person) => person + 1) })));
        break;
      case ACT.say: {
        const message = (await newest(db)) + 1;
        last.set(chat, must(await sendMessage(m, viewer, { dialog: ref, text: saidIn({ size, chats } as Plan, message, chat, false), params: {}, system: false })));
        break;
      }
      case ACT.read: must(await readDialog(m, viewer, ref, target)); break;
      case ACT.edit: must(await editMessage(m, viewer, target, { text: saidIn({ size, chats } as Plan, target, chat, true), params: {}, marked: true })); break;
      case ACT.react: await react(m, viewer, target, reactionTo(size.seed, target), 'add'); break;
      case ACT.pin: must(await pinRow(m, viewer, ref, true)); break;
      case ACT.mute: must(await muteChat(m, viewer, ref, true)); break;
      default: expect(await markUnread(m, viewer, ref, true)).toBe(true);
    }
  }
}

const newest = async (db: Database) => (await db.read((s) => s.query((q) => q.selectFrom('message').select('id').orderBy('id', 'desc').limit(1))))[0]?.id ?? 0;

const TABLES = ['user', 'user_field', 'user_department', 'member', 'message', 'message_reaction', 'message_pin', 'gone_message', 'reminder', 'sequence'] as const satisfies Array<keyof Schema>;

/** Chats are numbered as they are planned, or as they are opened: what they are called by is when they were made. */
async function contents(db: Database): Promise<Record<string, unknown[]>> {
  return db.read(async (s) => {
    const chats = await s.query((q) => q.selectFrom('chat').selectAll());
    const named = new Map(chats.map(({ id, created_at }) => [id, `made at ${created_at}`]));
    const tables: Record<string, unknown[]> = { chat: chats };
    for (const table of TABLES) tables[table] = await s.query((q) => q.selectFrom(table).selectAll());
    for (const [table, rows] of Object.entries(tables)) {
      tables[table] = (rows as Array<Record<string, unknown>>).filter(({ id }) => table !== 'user' || id !== 1).map(({ rev: _rev, rev_seen: _seen, ...row }) => {
        const number = table === 'chat' ? row['id'] : row['chat_id'];
        return JSON.stringify({ ...row, ...(number !== undefined && { [table === 'chat' ? 'id' : 'chat_id']: named.get(number as number) }) });
      }).sort();
    }
    return tables;
  });
}

describe.each(Object.entries(SIZES))('%s', (_name, size) => {
  let portal: TestServer;
  beforeAll(async () => {
    portal = await startTestServer({}, { folding: 'never', indexing: 'never' });
    await seedPortal(portal.server.context.db, fixed(NOW), size, () => {});
  });
  afterAll(() => portal[Symbol.asyncDispose]());

  test('is what the rules make of the same acts', { timeout: 120_000 }, async () => {
    await using played = await startTestServer({}, { folding: 'never', indexing: 'never' });
    const plan = makePlan(size, NOW);
    expect(new Set(plan.acts.kind)).toEqual(new Set(Object.values(ACT)));
    await play(played.server.context.db, plan);
    await played.server.context.folding.foldAll();
    const [expected, made] = [await contents(played.server.context.db), await contents(portal.server.context.db)];
    for (const table of Object.keys(expected)) expect({ table, rows: made[table] }).toEqual({ table, rows: expected[table] });
  });

  test('its counters are what is counted message by message, and its lists are whole', { timeout: 60_000 }, async () => {
    const { db } = portal.server.context;
    const [messages, members] = await db.read(async (s) => [await s.query((q) => q.selectFrom('message').selectAll()), await s.query((q) => q.selectFrom('member').selectAll())] as const);
    for (const userId of [1, 2, 3, size.users]) {
      const { code } = (await addWebhook(db, portal.clock, { userId, scopes: SCOPES, title: 'test' }))!;
      const client = clientFor(`${portal.http}/rest/${userId}/${code}/`, userId);
      const own = members.filter((member) => member.user_id === userId);
      const unread = new Map(own.map(({ chat_id, last_id }) => [chat_id, messages.filter((message) => message.chat_id === chat_id && message.id > last_id && message.counts === 1 && message.author_id !== userId).length]));
      const rows: Row[] = [];
      for (let more = true; more; ) {
        const page = await client.call<{ items: Row[]; hasMore: boolean }>('im.recent.list', { OFFSET: rows.length, LIMIT: 200 });
        rows.push(...page.items);
        more = page.hasMore;
      }
      const recent = own.filter(({ chat_id, pinned }) => pinned === 1 || messages.findLast((message) => message.chat_id === chat_id)!.created_at > NOW - 29 * 86_400_000);
      expect(rows.map(({ chat_id }) => chat_id)).toEqual(expect.arrayContaining(recent.map(({ chat_id }) => chat_id)));
      for (const row of rows) expect({ chat: row.chat_id, counter: row.counter }).toEqual({ chat: row.chat_id, counter: unread.get(row.chat_id) });
      const counters = await client.call<{ CHAT: Record<string, number>; DIALOG: Record<string, number> }>('im.counters.get');
      const muted = new Set(own.filter((member) => member.muted === 1).map(({ chat_id }) => chat_id));
      const groups = own.filter(({ type, chat_id }) => type !== 'P' && !muted.has(chat_id) && unread.get(chat_id)! > 0);
      expect(counters.CHAT).toEqual(groups.length === 0 ? [] : Object.fromEntries(groups.map(({ chat_id }) => [chat_id, unread.get(chat_id)])));
    }
  });

  test('goes on: what is sent has the next numbers and dates, and syncs by token and by search', async () => {
    const { token } = await portal.admin.call<{ token: string }>('tidemark.recent.changes', { LIMIT: 200 });
    const before = await newest(portal.server.context.db);
    const [chat] = await portal.server.context.db.read((s) => s.query((q) => q.selectFrom('member').select('chat_id').where('user_id', '=', 1).where('type', '<>', 'P').limit(1)));
    const id = await portal.admin.call<number>('im.message.add', { DIALOG_ID: `chat${chat!.chat_id}`, MESSAGE: 'after the seed' });
    expect(id).toBe(before + 1);
    const { users: _, items, reset_required } = await portal.admin.call<{ users: unknown; items: Row[]; reset_required: boolean }>('tidemark.recent.changes', { TOKEN: token });
    expect([reset_required, items.map((row) => row.message.id)]).toEqual([false, expect.arrayContaining([id])]);
    await portal.server.context.indexing.indexAll();
    const found = await portal.admin.call<{ messages: Array<{ id: number }> }>('tidemark.messages.search', { SEARCH_MESSAGE: 'the seed' });
    expect(found.messages.map((message) => message.id)).toContain(id);
    expect(await portal.admin.call<number>('im.chat.add', { TITLE: 'Next' })).toBe(size.chats + 1);
  });
});

test('only an empty portal is filled, and the same number gives the same', async () => {
  await using portal = await startTestServer({}, { folding: 'never', indexing: 'never' });
  const { db } = portal.server.context;
  const size = { users: 3, chats: 4, messages: 9, seed: 5 };
  expect(await seedPortal(db, fixed(NOW), size, () => {})).toMatchObject({ users: 4, chats: 4 });
  await expect(seedPortal(db, fixed(NOW), size, () => {})).rejects.toThrow('begin with an empty one');
  expect(makePlan(size, NOW)).toEqual(makePlan(size, NOW));
  expect(makePlan({ ...size, seed: 6 }, NOW)).not.toEqual(makePlan(size, NOW));
});
