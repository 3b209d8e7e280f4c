/** Reading everything: a chain of short units of work, each of which leaves the list true and is seen by who syncs. */
import { expect, test } from 'vitest';
import type { Config } from '../../src/config.ts';
import type { Changes } from '../../src/db/changes.ts';
import type { WriteSession } from '../../src/db/database.ts';
import { insertChat } from '../../src/db/stores/chat-store.ts';
import { insertMembers } from '../../src/db/stores/member-store.ts';
import { insertMessage } from '../../src/db/stores/message-store.ts';
import { emptyChat, newMember } from '../../src/messenger/posting/posting.ts';
import type { Client } from '../support/client.ts';
import type { Row } from '../support/people.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const CHATS = 1100;
/** Of these no one unit may write more than some hundreds: it would hold the writer for long. */
const MOST_ROWS = 250;

/** A chat with one unread message for the reader. */
async function unreadChat(s: WriteSession, reader: number, writer: number, wide: 0 | 1, at: number): Promise<void> {
  const base = { ...emptyChat(at), type: 'C', title: 'Unread', owner_id: writer, color: 'RED', member_count: 2, wide };
  const chat = await insertChat(s, { ...base, message_count: 1, count_seq: 1, last_message_at: at });
  const message = { chat_id: chat.id, author_id: writer, sender_id: writer, text: 'Unread', params: '', created_at: at, count_seq: 1 };
  const id = await insertMessage(s, { ...message, counts: 1, system: 0, seen: 0, deleted: 0, uuid: null });
  await s.query((q) => q.updateTable('chat').set({ last_message_id: id, top_message_id: id }).where('id', '=', chat.id));
  const unread = { ...newMember(chat, reader, 1, at), last_id: 0, read_count_seq: 0, has_unread: 1 as const, sort_at: wide ? 0 : at };
  await insertMembers(s, [unread, newMember(chat, writer, 3, at)]);
}

async function fill(portal: TestServer, reader: Client, writer: Client): Promise<void> {
  for (let from = 0; from < CHATS; from += 100) {
    await portal.server.context.db.write(async (s) => {
      for (let n = from; n < from + 100; n++) await unreadChat(s, reader.userId, writer.userId, n % 3 === 0 ? 1 : 0, portal.clock.now());
    });
  }
}

/** A device that keeps a copy of the list by asking for what has changed since its last answer. */
class Device {
  readonly rows = new Map<number, Row>();
  readonly #client: Client;
  #since = '';

  constructor(client: Client) {
    this.#client = client;
  }

  async sync(): Promise<void> {
    const { body } = await this.#client.raw('im.recent.get', this.#since ? { LAST_SYNC_DATE: this.#since } : {});
    for (const row of body.result as Row[]) this.rows.set(row.chat_id, row);
    this.#since = (body['time'] as { date_start: string }).date_start;
  }

  unread(): number {
    return [...this.rows.values()].filter(({ counter }) => counter > 0).length;
  }
}

const MEMORIES: ReadonlyArray<[string, Partial<Config>]> = [['with the list kept', {}], ['with nothing kept', { cacheMb: 0 }]];

test.each(MEMORIES)(`${CHATS} unread chats are read in short units, and a device that syncs all the while keeps no stale row, %s`, { timeout: 120_000 }, async (_name, settings) => {
  await using portal = await startTestServer(settings);
  const [reader, writer] = [await portal.addUser('Reader'), await portal.addUser('Writer')];
  await fill(portal, reader, writer);
  const units: number[] = [];
  let reading = true;
  // Each unit has a second of its own, as on a portal where this takes long.
  portal.server.context.db.onCommit((changes: Changes) => {
    units.push(changes.entries().filter(({ what, userId, chatId }) => what === 'member.changed' && userId === reader.userId && chatId > 0).length);
    portal.clock.advance(1500);
  });
  const device = new Device(reader);
  await device.sync();
  expect(device.unread()).toBe(CHATS);
  const syncing = (async () => {
    while (reading) await device.sync();
  })();
  expect(await reader.call('im.dialog.read.all')).toBe(true);
  reading = false;
  await syncing;
  await device.sync();
  expect(Math.max(...units)).toBeLessThanOrEqual(MOST_ROWS);
  expect(units.reduce((sum, rows) => sum + rows, 0)).toBe(CHATS);
  expect(device.unread()).toBe(0);
  expect(await reader.call('im.counters.get')).toMatchObject({ TYPE: { ALL: 0, CHAT: 0 } });
});
