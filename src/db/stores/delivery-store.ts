/** What is being delivered to handlers, in lanes: within a lane one delivery at a time, whichever node makes it. */
import { type Insertable, type Selectable, sql } from 'kysely';
import type { Session, WriteSession } from '../database.ts';
import type { DeliveryTable } from '../schema-apps.ts';
import { type Builder, statement } from '../statement.ts';

export type DeliveryRow = Selectable<DeliveryTable>;

export async function insertDelivery(s: WriteSession, delivery: Insertable<DeliveryTable>): Promise<void> {
  await s.query((q) => q.insertInto('delivery').values(delivery));
  s.changes.deliveries = true;
}

const WAITING = sql.lit<'waiting'>('waiting');

const ofHandler = statement((q, p: { lane: string; handlerId: number }) =>
  q
    .selectFrom('delivery')
    .select('id')
    .where('state', '=', WAITING)
    .where('lane', '=', p.lane)
    .where('handler_id', '=', p.handlerId)
    .where('claimed_until', '=', sql.lit(0))
    .limit(1),
);

/** Whether a handler is still to be told of something, and nobody is just at it. */
export async function isWaiting(s: Session, lane: string, handlerId: number): Promise<boolean> {
  return (await s.first(ofHandler, { lane, handlerId })) !== undefined;
}

// Jumps from lane to lane through the index, however many deliveries wait in one of them.
const due = statement((q, p: { now: number }) =>
  q
    .withRecursive('waiting(lane)', (w) =>
      w
        .selectFrom('delivery')
        .select((eb) => eb.fn.min<string | null>('lane').as('lane'))
        .where('state', '=', WAITING)
        .unionAll(
          w
            .selectFrom('waiting')
            .select((eb) =>
              eb
                .selectFrom('delivery')
                .select((inner) => inner.fn.min<string | null>('delivery.lane').as('lane'))
                .where('delivery.state', '=', WAITING)
                .whereRef('delivery.lane', '>', 'waiting.lane')
                .as('lane'),
            )
            .where('waiting.lane', 'is not', null),
        ),
    )
    .selectFrom('waiting')
    .select('waiting.lane')
    .where('waiting.lane', 'is not', null)
    .where((eb) =>
      eb.exists(
        eb
          .selectFrom('delivery as d')
          .select('d.id')
          .where('d.state', '=', WAITING)
          .whereRef('d.lane', '=', 'waiting.lane')
          .where('d.next_at', '<=', p.now),
      ),
    ),
);

/** The lanes in which something is due. */
export async function dueLanes(s: Session, now: number): Promise<string[]> {
  return (await s.all(due, { now })).map((row) => row.lane!);
}

const oldest = statement((q, p: { now: number }) =>
  q.selectFrom('delivery').select((eb) => eb.fn.min<number | null>('next_at').as('at')).where('state', '=', WAITING).where('next_at', '<=', p.now),
);

/** Since when the delivery has been due that waits longest, milliseconds since 1970; undefined when none is due. */
export async function oldestDue(s: Session, now: number): Promise<number | undefined> {
  return (await s.first(oldest, { now }))?.at ?? undefined;
}

const firstOfLane = statement((q, p: { lane: string; now: number }) =>
  q
    .selectFrom('delivery as d')
    .select('d.id')
    .where('d.state', '=', WAITING)
    .where('d.lane', '=', p.lane)
    .where('d.next_at', '<=', p.now)
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('delivery as c')
            .select('c.id')
            .where('c.lane', '=', p.lane)
            .where('c.claimed_until', '>', sql.lit(0))
            .where('c.claimed_until', '>', p.now),
        ),
      ),
    )
    .orderBy('d.id')
    .limit(1),
);

const claim = statement((q, p: { id: number; now: number; until: number }) =>
  q
    .updateTable('delivery')
    .set({ claimed_until: p.until })
    .where('id', '=', p.id)
    .where('state', '=', WAITING)
    .where('claimed_until', '<=', p.now)
    .returningAll(),
);

/** Takes the next delivery of a lane for this node; undefined when none is due or another node is at the lane. */
export async function claimNext(s: WriteSession, lane: string, now: number, until: number): Promise<DeliveryRow | undefined> {
  const next = await s.first(firstOfLane, { lane, now });
  return next && s.first(claim, { id: next.id, now, until });
}

/** Writes down how a claimed delivery ended, unless the claim ran out and another node has it. */
export async function settleDelivery(s: WriteSession, { id, claimed_until }: DeliveryRow, changes: Partial<DeliveryRow>): Promise<void> {
  await s.query((q) =>
    q.updateTable('delivery').set({ ...changes, claimed_until: 0 }).where('id', '=', id).where('claimed_until', '=', claimed_until),
  );
}

/** The newest deliveries of an application. */
export function listDeliveries(s: Session, appId: number, limit: number): Promise<DeliveryRow[]> {
  return s.query((q) => q.selectFrom('delivery').selectAll().where('app_id', '=', appId).orderBy('id', 'desc').limit(limit));
}

export interface DeliveryQuery {
  /** Empty for any. */
  state: DeliveryRow['state'] | '';
  /** Of one application; 0 for all. */
  appId: number;
  /** To one address; empty for all. */
  url: string;
}

function wanted(q: Builder, { state, appId, url }: DeliveryQuery) {
  let query = q.selectFrom('delivery as d');
  if (state !== '') query = query.where('d.state', '=', state);
  if (appId > 0) query = query.where('d.app_id', '=', appId);
  return url === '' ? query : query.where('d.url', '=', url);
}

/** A delivery with whose it is; null where the application is gone. */
export type NamedDelivery = DeliveryRow & { client_id: string | null; title: string | null };

/** The newest deliveries after those passed over. */
export function readDeliveries(s: Session, query: DeliveryQuery, page: { offset: number; limit: number }): Promise<NamedDelivery[]> {
  return s.query((q) =>
    wanted(q, query).leftJoin('app as a', 'a.id', 'd.app_id').selectAll('d').select(['a.client_id', 'a.title']).orderBy('d.id', 'desc').limit(page.limit).offset(page.offset),
  );
}

export async function countDeliveries(s: Session, query: DeliveryQuery): Promise<number> {
  const [row] = await s.query((q) => wanted(q, query).select((eb) => eb.fn.countAll<number>().as('deliveries')));
  return row!.deliveries;
}

/** How an address of an application fares, of what is remembered. */
export interface AddressRow {
  app_id: number;
  client_id: string | null;
  title: string | null;
  url: string;
  waiting: number;
  failed: number;
  done: number;
  /** When the newest that failed did; 0 for never. */
  failed_at: number;
}

const inState = (state: DeliveryRow['state']) => sql<number>`sum(case when d.state = ${sql.lit(state)} then 1 else 0 end)`;

/** The addresses that were told of something lately, those with the most failures first. */
export function readAddresses(s: Session, limit: number): Promise<AddressRow[]> {
  return s.query((q) =>
    q
      .selectFrom('delivery as d')
      .leftJoin('app as a', 'a.id', 'd.app_id')
      .select(['d.app_id', 'a.client_id', 'a.title', 'd.url'])
      .select([
        inState('waiting').as('waiting'), inState('failed').as('failed'), inState('done').as('done'),
        sql<number>`max(case when d.state = 'failed' then d.finished_at else 0 end)`.as('failed_at'),
      ])
      .groupBy(['d.app_id', 'a.client_id', 'a.title', 'd.url'])
      .orderBy('failed', 'desc')
      .orderBy('waiting', 'desc')
      .orderBy('d.url')
      .orderBy('d.app_id')
      .limit(limit),
  );
}

/**
 * Puts deliveries in line again as if nobody had tried them: one, whatever became of it, or those of an address that failed or wait for
 * another attempt. What a node is just at is left alone.
 *
 * @returns how many
 */
export async function requeueDeliveries(s: WriteSession, which: { id: number } | { url: string; appId: number }, now: number, most: number): Promise<number> {
  const rows = await s.query((q) => {
    const free = q.selectFrom('delivery').select(['id', 'lane']).where('claimed_until', '<=', now).orderBy('id').limit(most);
    if ('id' in which) return free.where('id', '=', which.id);
    const failing = free.where('url', '=', which.url).where((eb) => eb.or([eb('state', '=', 'failed'), eb.and([eb('state', '=', WAITING), eb('attempts', '>', 0)])]));
    return which.appId > 0 ? failing.where('app_id', '=', which.appId) : failing;
  });
  const anew = { state: 'waiting' as const, attempts: 0, next_at: now, claimed_until: 0, status: 0, problem: '', finished_at: 0 };
  const ids = rows.map(({ id }) => id);
  const changed = ids.length === 0 ? [] : await s.query((q) => q.updateTable('delivery').set(anew).where('id', 'in', ids).where('claimed_until', '<=', now).returning('lane'));
  for (const { lane } of changed) s.changes.lanes.add(lane);
  if (changed.length > 0) s.changes.deliveries = true;
  return changed.length;
}

/** Gives some of those up whose turn came before a time and that were never settled since. @returns how many */
export async function giveUpDeliveries(s: WriteSession, before: number, now: number, most: number): Promise<number> {
  const stale = await s.query((q) =>
    q.selectFrom('delivery').select('id').where('state', '=', WAITING).where('next_at', '<', before).where('created_at', '<', before)
      .where('claimed_until', '<=', now).limit(most),
  );
  const ids = stale.map((row) => row.id);
  const ended = { state: 'failed' as const, problem: 'its turn did not come within a day', finished_at: now };
  if (ids.length > 0) await s.query((q) => q.updateTable('delivery').set(ended).where('id', 'in', ids));
  return ids.length;
}

/** Forgets some of those that were finished before a time. @returns how many */
export async function deleteOldDeliveries(s: WriteSession, before: number, most: number): Promise<number> {
  const old = await s.query((q) =>
    q.selectFrom('delivery').select('id').where('state', '<>', WAITING).where('finished_at', '<', before).limit(most),
  );
  if (old.length > 0) await s.query((q) => q.deleteFrom('delivery').where('id', 'in', old.map((row) => row.id)));
  return old.length;
}

/** Brings forward what a clock that was wrong has put off: nothing waits for longer than `latest`, nobody claims longer than `claim`. */
export async function bringForward(s: WriteSession, now: number, latest: number, claim: number): Promise<void> {
  const waiting = (q: Builder) => q.updateTable('delivery').where('state', '=', 'waiting');
  await s.query((q) => waiting(q).set({ next_at: now }).where('next_at', '>', latest));
  await s.query((q) => waiting(q).set({ claimed_until: 0 }).where('claimed_until', '>', claim));
}
