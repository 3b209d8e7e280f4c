/** What dates stand for: a node's ticks say which revision was seen by all that it dated after them. */
import { sql } from 'kysely';
import type { Session, WriteSession } from '../database.ts';
import { statement } from '../statement.ts';

/** What a date stands for. */
export interface DateMeaning {
  /** Whatever the date's reader has not seen has this revision or a higher one. */
  rev: number;
  /** How many nodes may have given the date out. Of a single one's own stamps, no later change has an earlier date. */
  nodes: number;
}

// Jumps from node to node through the index, however many ticks there are.
const meaning = statement((q, p: { date: number }) =>
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
      sql<number>`(select e.until from tick as e where e.node = nodes.node order by e.at desc limit 1)`.as('until'),
    ])
    .where('nodes.node', 'is not', null),
);

/** @param date milliseconds */
export async function meaningOf(s: Session, date: number): Promise<DateMeaning> {
  const nodes = (await s.all(meaning, { date })).filter(({ until }) => until >= date);
  const revs = nodes.map(({ rev }) => rev ?? 0);
  return { rev: revs.length > 0 ? Math.min(...revs) : 0, nodes: nodes.length };
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

/** The node gives out nothing later than `to` any more, where it had reserved more. */
export async function endTick(s: WriteSession, node: string, from: number, to: number): Promise<void> {
  await s.query((q) => q.updateTable('tick').set({ until: to }).where('node', '=', node).where('until', '=', from));
}

