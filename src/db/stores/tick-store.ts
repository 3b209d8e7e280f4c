/** What dates stand for: a node's ticks say which revision was seen by all that it dated after them. */
import { sql } from 'kysely';
import type { Session, WriteSession } from '../database.ts';
import { statement } from '../statement.ts';
import { circleOf, EVERYTHING } from './mark-store.ts';

/** What a date stands for. */
export interface DateMeaning {
  /** Whatever the date's reader has not seen has this revision or a higher one. */
  rev: number;
  /** Whether any node may have given it out. */
  given: boolean;
  /** The highest revision of any user. */
  userRev: number;
  /** The newest mark that concerns the asker: from there on all looks different. Below every revision where there is none. */
  mark: number;
  /** There is one node alone: of what it has stamped since, nothing has an earlier date. Of others the clock may be behind. */
  exact: boolean;
}

/** Below every revision: those of tables that were restored elsewhere are below 0. */
const BEFORE_ALL = Number.MIN_SAFE_INTEGER;
const NEVER = -Infinity;

// Jumps from node to node through the index, however many ticks there are.
const meaning = statement((q, p: { date: number; circle: string }) =>
  q
    .withRecursive('nodes(node)', (w) =>
      w
        .selectFrom('tick')
        .select((eb) => eb.fn.min<string | null>('node').as('node'))
        .unionAll(
          w
            .selectFrom('nodes')
            .select((eb) =>
              eb.selectFrom('tick').select((inner) => inner.fn.min<string | null>('tick.node').as('node')).whereRef('tick.node', '>', 'nodes.node').as('node'),
            )
            .where('nodes.node', 'is not', null),
        ),
    )
    .selectFrom('nodes')
    .select([
      sql<number | null>`(select b.rev from tick as b where b.node = nodes.node and b.at < ${p.date} order by b.at desc limit 1)`.as('rev'),
      // A node that has begun since gave nothing out before its first tick, which ends where it begins.
      sql<number | null>`(select case when f.at = f.until then f.rev end from tick as f where f.node = nodes.node order by f.at limit 1)`.as('first'),
      sql<number>`(select e.until from tick as e where e.node = nodes.node order by e.at desc limit 1)`.as('until'),
      sql<number>`(select max(rev) from "user")`.as('user_rev'),
      sql<number | null>`(select max(k.rev) from journal_reader as k where k.name in (${sql.lit(EVERYTHING)}, ${p.circle}))`.as('mark'),
    ])
    .where('nodes.node', 'is not', null),
);

/** @param date milliseconds; @param userId who asks with it; 0 for nobody */
export async function meaningOf(s: Pick<Session, 'all'>, date: number, userId = 0): Promise<DateMeaning> {
  const all = await s.all(meaning, { date, circle: circleOf(userId) });
  const nodes = all.filter(({ until }) => until >= date);
  const revs = nodes.map(({ rev, first }) => rev ?? first ?? BEFORE_ALL);
  const [any] = all;
  return {
    rev: revs.length > 0 ? Math.min(...revs) : BEFORE_ALL, given: nodes.length > 0, userRev: any?.user_rev ?? Infinity, mark: any?.mark ?? NEVER,
    exact: all.length === 1,
  };
}

const insert = statement((q, p: { node: string; at: number; until: number; rev: number }) =>
  q
    .insertInto('tick')
    .values({ node: p.node, at: p.at, until: p.until, rev: p.rev })
    .onConflict((c) => c.columns(['node', 'at']).doUpdateSet({ until: p.until })),
);

export async function insertTick(s: WriteSession, tick: { node: string; at: number; until: number; rev: number }): Promise<void> {
  await s.all(insert, tick);
}

/** A node starts for the first time: nothing that it gives out is dated `seed` or before, or given out before `rev` was read. */
export async function startTicks(s: WriteSession, node: string, seed: number, rev: number): Promise<void> {
  const [any] = await s.query((q) => q.selectFrom('tick').select('node').limit(1));
  const [own] = await s.query((q) => q.selectFrom('tick').select('node').where('node', '=', node).limit(1));
  // What was dated before there were ticks may have any revision.
  if (!own) await insertTick(s, { node, at: seed - 1, until: seed - 1, rev: any ? rev : BEFORE_ALL });
}

/** The node gives out nothing later than `to` any more, where it had reserved more. */
export async function endTick(s: WriteSession, node: string, from: number, to: number): Promise<void> {
  await s.query((q) => q.updateTable('tick').set({ until: to }).where('node', '=', node).where('until', '=', from));
}

