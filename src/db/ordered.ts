import type { Clock } from '../base/clock.ts';
import { Timeline } from '../base/timeline.ts';
import type { Database } from './database.ts';
import type { Changes } from './changes.ts';
import { inFrontOf } from './in-front.ts';
import { newestMessageAt } from './stores/message-store.ts';
import { readMark, lowerMark, raiseMark } from './stores/portal-store.ts';
import { snapshot } from './stores/generation-store.ts';
import { endTick, insertTick, startTicks } from './stores/tick-store.ts';

/**
 * Continues the order of an open store, whatever the clock says now.
 *
 * @param node names this process among those that share the store
 */
export async function continueTimeline(db: Database, clock: Clock, node: string): Promise<Timeline> {
  const { seed, rev } = await db.read(async (s) => ({
    seed: Math.max(await readMark(s), await newestMessageAt(s)), rev: (await snapshot(s)).token,
  }));
  await db.write((s) => startTicks(s, node, seed, rev));
  return new Timeline(clock, seed, { save: (mark, reached) => keepMark(db, node, mark, reached) });
}

/** What is dated after `at` has been given out after `rev` was read: a tick. */
async function keepMark(db: Database, node: string, mark: number, reached: () => number): Promise<void> {
  const { token: rev } = await db.read(snapshot);
  const at = reached();
  await db.write(async (s) => {
    await raiseMark(s, mark);
    await insertTick(s, { node, at, until: mark, rev });
  });
}

/** The store, with its changes on the timeline: no call is told a date that a change under way may be stamped before. */
export function onTimeline(db: Database, timeline: Timeline, node: string): Database {
  return inFrontOf(db, {
    async write(work, gathered) {
      let changes: Changes | undefined;
      return timeline.change(() => db.write((s) => {
        ({ changes } = s);
        return work(s);
      }, gathered), () => changes?.dated ?? false);
    },
    async close() {
      const { latest, mark } = await timeline.reached();
      // Without it the next start would begin ahead of the clock, which does no harm.
      await db.write((s) => lowerMark(s, mark, latest).then(() => endTick(s, node, mark, latest + 1))).catch(() => {});
      await db.close();
    },
  });
}
