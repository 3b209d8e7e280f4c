/**
 * What content is kept. Whoever brings some claims it before it is kept, and holds it in the unit that refers to it; what nothing
 * refers to is released, and after a while removed. All of these lock its row, so that none is removed that another is about to refer to.
 */
import { sql } from 'kysely';
import { type Session, StoreUnavailable, type WriteSession } from '../database.ts';
import { statement } from '../statement.ts';

/** Stands for the time at which something became unused until that is known. */
const UNDATED = 1;

/** It will be used soon: it counts as unused from now on, unless it is in use. @returns false while it is being removed */
export async function claimBlob(s: WriteSession, name: string, size: number, now: number): Promise<boolean> {
  const rows = await s.query((q) =>
    q
      .insertInto('blob')
      .values({ name, size, unused_at: now, going_at: 0 })
      .onConflict((c) =>
        c
          .column('name')
          .doUpdateSet({ unused_at: sql<number>`case when blob.unused_at = 0 then 0 else excluded.unused_at end` })
          .where('blob.going_at', '=', 0),
      )
      .returning('name'),
  );
  return rows.length > 0;
}

/** Something refers to it from now on. @throws StoreUnavailable where it was removed since it was claimed, a day ago at least */
export async function holdBlob(s: WriteSession, name: string): Promise<void> {
  if (name === '') return;
  const rows = await s.query((q) => q.updateTable('blob').set({ unused_at: 0 }).where('name', '=', name).where('going_at', '=', 0).returning('name'));
  if (rows.length === 0) throw new StoreUnavailable('busy', { cause: new Error('content was removed before anything referred to it') });
}

/** Something no longer refers to it. Where nothing else does it is unused, from when {@link dateUnused} looks. */
export async function releaseBlob(s: WriteSession, name: string): Promise<void> {
  if (name === '') return;
  // Locked first: who is about to refer to it, or has just ceased to, has then ended.
  await s.query((q) => q.updateTable('blob').set({ unused_at: UNDATED }).where('name', '=', name));
  await s.query((q) => q.updateTable('blob').set({ unused_at: 0 }).where('name', '=', name).where((eb) =>
    eb.or([
      eb.exists(eb.selectFrom('disk_object').select('id').where('blob', '=', name)),
      eb.exists(eb.selectFrom('disk_object').select('id').where('preview', '=', name)),
      eb.exists(eb.selectFrom('portrait').select('id').where('blob', '=', name)),
    ]),
  ));
}

/** Notes the time where something has become unused. @returns how many */
export async function dateUnused(s: WriteSession, now: number, most: number): Promise<number> {
  const rows = await s.query((q) => q.selectFrom('blob').select('name').where('unused_at', '=', UNDATED).limit(most).forUpdate().skipLocked());
  if (rows.length > 0) await s.query((q) => q.updateTable('blob').set({ unused_at: now }).where('name', 'in', rows.map(({ name }) => name)));
  return rows.length;
}

/** Begins to remove some of what has been unused since before a time. @returns their names, to be removed and then forgotten */
export async function beginRemoval(s: WriteSession, before: number, now: number, most: number): Promise<string[]> {
  const rows = await s.query((q) =>
    q.selectFrom('blob').select('name').where('unused_at', '>', sql.lit(UNDATED)).where('unused_at', '<', before).where('going_at', '=', 0)
      .orderBy('unused_at').limit(most).forUpdate().skipLocked(),
  );
  const names = rows.map(({ name }) => name);
  if (names.length === 0) return [];
  await s.query((q) => q.updateTable('blob').set({ going_at: now }).where('name', 'in', names));
  return names;
}

/** Those that somebody began to remove before a time and has not forgotten: whoever did is gone. */
export async function takeOverRemovals(s: WriteSession, before: number, now: number, most: number): Promise<string[]> {
  const rows = await s.query((q) =>
    q.selectFrom('blob').select('name').where('unused_at', '>', sql.lit(0)).where('going_at', '>', 0).where('going_at', '<', before).limit(most).forUpdate().skipLocked(),
  );
  const names = rows.map(({ name }) => name);
  if (names.length > 0) await s.query((q) => q.updateTable('blob').set({ going_at: now }).where('name', 'in', names));
  return names;
}

/** Its bytes are gone: it may be claimed again. */
export async function forgetBlob(s: WriteSession, name: string): Promise<void> {
  await s.query((q) => q.deleteFrom('blob').where('name', '=', name).where('going_at', '>', 0));
}

const kept = statement((q, _p: object) => q.selectFrom('blob').select([sql<number>`count(*)`.as('count'), sql<number>`coalesce(sum(size), 0)`.as('bytes')]));

/** How much content is kept, what is about to be removed included. */
export async function keptBlobs(s: Session): Promise<{ count: number; bytes: number }> {
  const found = await s.first(kept, {});
  return { count: Number(found?.count ?? 0), bytes: Number(found?.bytes ?? 0) };
}
