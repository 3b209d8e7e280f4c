/** Forgets what nobody can still need, a little at a time. Where several nodes do it at once, none waits for another. */
import { sql } from 'kysely';
import type { Session, WriteSession } from '../database.ts';
import { statement } from '../statement.ts';
import { type Position, READERS } from './journal-store.ts';

const FLOOR = 'trimmed';

const floor = statement((q, p: { name: string }) => q.selectFrom('journal_reader').select('rev').where('name', '=', p.name));

/** The highest revision of a tombstone that was deleted: who has not seen it cannot learn of it any more. */
export async function readFloor(s: Session): Promise<number> {
  return (await s.first(floor, { name: FLOOR }))?.rev ?? -1;
}

const oldTombstones = statement((q, p: { before: number; most: number }) =>
  q
    .selectFrom('member')
    .select(['user_id', 'chat_id', 'rev'])
    .where('left_at', '>', sql.lit(0))
    .where('left_at', '<', p.before)
    .limit(p.most)
    .forUpdate()
    .skipLocked(),
);

/** Deletes some rows of those who left their chats before a time. @returns how many */
export async function trimTombstones(s: WriteSession, before: number, most: number): Promise<number> {
  const rows = await s.all(oldTombstones, { before, most });
  if (rows.length === 0) return 0;
  await s.query((q) =>
    q.deleteFrom('member').where((eb) => eb.or(rows.map(({ user_id, chat_id }) => eb.and({ user_id, chat_id })))),
  );
  await raiseFloor(s, Math.max(...rows.map(({ rev }) => rev)));
  return rows.length;
}

async function raiseFloor(s: WriteSession, rev: number): Promise<void> {
  await s.query((q) =>
    q
      .insertInto('journal_reader')
      .values({ name: FLOOR, rev, seq: 0 })
      .onConflict((c) => c.column('name').doUpdateSet({ rev }).where('journal_reader.rev', '<', rev)),
  );
}

const passed = statement((q, _p: object) =>
  q
    .selectFrom('journal_reader as r')
    .select(['r.rev', 'r.seq', sql<number | null>`(select max(j.rev) from journal as j)`.as('newest')])
    .where('r.name', 'in', Object.values(READERS).map((name) => sql.lit(name)))
    .orderBy('r.rev')
    .orderBy('r.seq')
    .limit(1),
);

const lowest = statement((q, p: Position & { newest: number; most: number }) =>
  q
    .selectFrom('journal')
    .select(['rev', 'seq', 'created_at'])
    .where('rev', '<', p.newest)
    .where(sql<boolean>`(rev, seq) <= (${p.rev}, ${p.seq})`)
    .orderBy('rev')
    .orderBy('seq')
    .limit(p.most),
);

/**
 * Deletes some entries from before a time that all durable readers have passed; never those of the last revision, after
 * which the engines number. @returns how many
 */
export async function trimJournal(s: WriteSession, before: number, most: number): Promise<number> {
  const { rev, seq, newest } = (await s.first(passed, {}))!;
  const entries = await s.all(lowest, { rev, seq, newest: newest ?? 0, most });
  const young = entries.findIndex(({ created_at }) => created_at >= before);
  const old = young < 0 ? entries : entries.slice(0, young);
  const last = old.at(-1);
  if (last) await s.query((q) => q.deleteFrom('journal').where(sql<boolean>`(rev, seq) <= (${last.rev}, ${last.seq})`));
  return old.length;
}

/** Of the ticks from before a time, those that come after another of the same node within the same `step`, milliseconds. */
const crowded = statement((q, p: { before: number; step: number; most: number }) =>
  q
    .selectFrom('tick as t')
    .select(['t.node', 't.at'])
    .where('t.at', '<', p.before)
    .where(sql<boolean>`exists (select 1 from tick as e where e.node = t.node and e.at >= t.at - t.at % ${p.step} and e.at < t.at)`)
    .where(sql<boolean>`exists (select 1 from tick as n where n.node = t.node and n.at > t.at)`)
    .limit(p.most),
);

/** Leaves one tick of each node in each `step`, milliseconds, before a time, and its newest. @returns how many of the others it has deleted */
export async function thinTicks(s: WriteSession, before: number, step: number, most: number): Promise<number> {
  return deleteTicks(s, await s.all(crowded, { before, step, most }));
}

const ended = statement((q, p: { before: number; most: number }) =>
  q
    .selectFrom('tick as t')
    .select(['t.node', 't.at'])
    .where('t.at', '<', p.before)
    .where(sql<boolean>`(t.until < ${p.before} or exists (select 1 from tick as n where n.node = t.node and n.at > t.at))`)
    .limit(p.most),
);

/** Deletes some ticks from before a time, but no node's newest that may still count. @returns how many */
export async function trimTicks(s: WriteSession, before: number, most: number): Promise<number> {
  return deleteTicks(s, await s.all(ended, { before, most }));
}

async function deleteTicks(s: WriteSession, ticks: ReadonlyArray<{ node: string; at: number }>): Promise<number> {
  if (ticks.length > 0) await s.query((q) => q.deleteFrom('tick').where((eb) => eb.or(ticks.map(({ node, at }) => eb.and({ node, at })))));
  return ticks.length;
}

/** Forgets the starts of which no token from after a time can be: those after which there was another before it. */
export async function trimGenerations(s: WriteSession, before: number): Promise<void> {
  await s.query((q) =>
    q.deleteFrom('generation').where('id', '<', (eb) =>
      eb.selectFrom('generation as g').where('g.started_at', '<', before).select((inner) => inner.fn.max<number>('g.id').as('id')),
    ),
  );
}
