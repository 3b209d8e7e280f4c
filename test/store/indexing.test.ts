/** How the index of texts is kept: by itself, from before it was there, by one node, and never with an older text than it had. */
import { sql } from 'kysely';
import { expect, test, vi } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { fold } from '../../src/db/fold.ts';
import { wantedGrams } from '../../src/db/grams.ts';
import { inFrontOf } from '../../src/db/in-front.ts';
import { Indexing } from '../../src/db/indexing.ts';
import { readExtent } from '../../src/db/stores/text-store.ts';
import { addCircle, say } from '../support/people.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const fail = (fault: unknown): never => {
  throw fault;
};
const indexed = (db: Database) => db.read(async (s) => (await s.query((q) => q.selectFrom('message_text').select('rowid').orderBy('rowid'))).map(({ rowid }) => rowid));
const stored = (db: Database) => db.read(async (s) => (await s.query((q) => q.selectFrom('message').select('id').where('deleted', '=', 0).orderBy('id'))).map(({ id }) => id));
const candidates = (db: Database, text: string) =>
  db.read((s) => db.texts.find(s, { grams: wantedGrams(fold(text))!, from: 0, below: 1_000_000, descending: true, limit: 100 }));

/** As if all messages were from before there was an index. */
const forget = (db: Database) => db.write(async (s) => {
  await s.query((q) => q.deleteFrom('message_text'));
  await s.query((q) => q.updateTable('text_index').set({ floor: sql`(select max(id) + 1 from message)` }));
});

test('a running server puts in what is said, changed and deleted, and after a start what was there before', { timeout: 60_000 }, async () => {
  await using portal = await startTestServer();
  const { owner, dialog } = await addCircle(portal);
  const [first, gone] = [await say(owner, dialog, { MESSAGE: 'spring tide' }), await say(owner, dialog, { MESSAGE: 'neap tide' })];
  const complete = () => vi.waitFor(async () => {
    const { db } = portal.server.context;
    expect(await indexed(db)).toEqual(await stored(db));
    expect((await db.read(readExtent)).floor).toBe(0);
  }, { timeout: 20_000, interval: 50 });
  await complete();
  await owner.call('im.message.update', { MESSAGE_ID: first, MESSAGE: 'slack water' });
  await owner.call('im.message.delete', { MESSAGE_ID: gone });
  await vi.waitFor(async () => expect(await candidates(portal.server.context.db, 'tide')).toEqual([]), { timeout: 20_000, interval: 50 });
  expect(await candidates(portal.server.context.db, 'slack')).toEqual([first]);
  await complete();
  await portal.restart();
  await forget(portal.server.context.db);
  await complete();
});

async function withText(portal: TestServer, MESSAGE: string) {
  const { owner, dialog } = await addCircle(portal);
  return { owner, id: await say(owner, dialog, { MESSAGE }) };
}

test('one node keeps the index until it has not been heard of for a while', async () => {
  await using portal = await startTestServer({}, { indexing: 'never' });
  const { db } = portal.server.context;
  let now = portal.clock.now();
  const [one, other] = ['one', 'other'].map((node) => new Indexing(db, 'never', node, () => now, fail));
  await withText(portal, 'first');
  expect(await one!.indexSome()).toBe('more');
  expect(await other!.indexSome()).toBe('others');
  await one!.indexAll();
  expect(await other!.indexSome()).toBe('nothing');
  await withText(portal, 'second');
  now += 60_000;
  expect(await other!.indexSome()).toBe('more');
  await withText(portal, 'third');
  expect(await one!.indexSome()).toBe('others');
  await other!.indexAll();
  expect(await indexed(db)).toEqual(await stored(db));
  // Whose clock was far ahead holds nobody up for as long.
  await db.write((s) => s.query((q) => q.updateTable('text_index').set({ held_until: now + 86_400_000 })));
  await withText(portal, 'fourth');
  expect(await one!.indexSome()).toBe('more');
});

test.each(['from the journal', 'from before'])('who is late with an older text %s leaves the newer one', async (source) => {
  await using portal = await startTestServer({}, { indexing: 'never' });
  const { context } = portal.server;
  const { owner, id } = await withText(portal, 'low water');
  if (source === 'from before') {
    await context.indexing.indexAll();
    await forget(context.db);
  }
  // Others are faster after it has read, and before it writes.
  const late = inFrontOf(context.db, {
    async write(work) {
      await owner.call('im.message.update', { MESSAGE_ID: id, MESSAGE: 'high water' });
      await context.indexing.indexAll();
      return context.db.write(work);
    },
  });
  expect(await new Indexing(late, 'never', '', () => Date.now(), fail).indexSome()).toBe('others');
  expect(await candidates(context.db, 'high water')).toEqual([id]);
  expect(await candidates(context.db, 'low water')).toEqual([]);
});
