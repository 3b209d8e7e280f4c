/**
 * Forced races of who syncs by date: each read that an answer takes is held after it has seen its snapshot, something makes
 * rows look different and something newer is written, and only then it goes on. What the answer lacks comes with the next.
 */
import { expect, test } from 'vitest';
import { TIMEZONE } from '../../src/db/stores/mark-store.ts';
import { writeSetting } from '../../src/db/stores/portal-store.ts';
import type { Client } from '../support/client.ts';
import { HeldReads } from '../support/held-reads.ts';
import { type Row, say, stable } from '../support/people.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

interface Answer {
  result: Row[];
  time: { date_start: string };
}

const WAYS: Record<string, (had: readonly Row[], answer: Answer) => Record<string, string>> = {
  'the newest change they have': (had) => ({ LAST_UPDATE: had.map((row) => row.date_update).reduce((a, b) => (Date.parse(a) > Date.parse(b) ? a : b)) }),
  'the start of their last call': (_had, { time }) => ({ LAST_SYNC_DATE: time.date_start }),
};

/** What makes rows look different that are not written themselves. */
const HAPPENINGS: Record<string, (portal: TestServer, boris: Client, nth: number) => Promise<unknown>> = {
  'a person is renamed': ({ admin }, { userId }, nth) => admin.call('user.update', { ID: userId, LAST_NAME: `Renamed ${nth}` }),
  'the portal moves to another zone': ({ server }, _boris, nth) => server.context.db.write((s) => writeSetting(s, TIMEZONE, nth % 2 ? 'Asia/Tokyo' : 'America/Lima')),
};

const MINUTE = 60_000;

for (const settings of [{}, { cacheMb: 0 }]) {
  for (const [way, next] of Object.entries(WAYS)) {
    test.each(Object.entries(HAPPENINGS))(`%s while somebody syncs by ${way}, ${JSON.stringify(settings)}`, async (_what, happens) => {
      const store = new HeldReads();
      await using portal = await startTestServer(settings, { store: store.wrap });
      const [anna, boris, cid] = [await portal.addUser('Anna'), await portal.addUser('Boris'), await portal.addUser('Cid')];
      await say(boris, anna.userId);
      const get = async (params = {}) => (await anna.raw('im.recent.get', params)).body as unknown as Answer;
      for (let nth = 1; ; nth++) {
        const copy = new Map<number, Row>();
        const take = (answer: Answer) => {
          for (const row of answer.result) copy.set(row.chat_id, row);
          return next([...copy.values()], answer);
        };
        portal.clock.advance(MINUTE);
        const since = take(await get());
        portal.clock.advance(MINUTE);
        await say(cid, anna.userId);
        const held = store.hold(nth);
        const syncing = get(since);
        // An answer that comes without an nth read: all of them have had their turn.
        if ((await Promise.race([held.reached, syncing])) !== undefined) return held.release();
        await happens(portal, boris, nth);
        portal.clock.advance(MINUTE);
        await say(cid, anna.userId);
        held.release();
        take(await get(take(await syncing)));
        const list = await anna.call<Row[]>('im.recent.get');
        expect(stable(list.map((row) => copy.get(row.chat_id)!))).toEqual(stable(list));
        expect(nth).toBeLessThan(20);
      }
    });
  }
}
