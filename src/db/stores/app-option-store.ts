/** What applications keep for themselves: by name, for everybody or for one user. */
import { type Selectable, sql } from 'kysely';
import type { Session, WriteSession } from '../database.ts';
import type { AppOptionTable } from '../schema-apps.ts';
import { statement } from '../statement.ts';

export type AppOptionRow = Selectable<AppOptionTable>;

const OPTIONS_AT_ONCE = 20;

/**
 * All options by name, in chunks; between two of them the caller lets other requests run.
 *
 * @param userId 0 for the application's own
 */
export async function* readOptions(s: Session, appId: number, userId: number): AsyncGenerator<AppOptionRow[]> {
  for (let after = ''; ; ) {
    const chunk = await s.query((q) =>
      q.selectFrom('app_option').selectAll().where('app_id', '=', appId).where('user_id', '=', userId).where('name', '>', after).orderBy('name').limit(OPTIONS_AT_ONCE),
    );
    if (chunk.length > 0) yield chunk;
    if (chunk.length < OPTIONS_AT_ONCE) return;
    after = chunk[chunk.length - 1]!.name;
  }
}

/** Name and size of each option, bytes of its JSON. */
export function measureOptions(s: Session, appId: number, userId: number): Promise<Array<{ name: string; size: number }>> {
  return s.query((q) =>
    q.selectFrom('app_option').select(['name', sql<number>`octet_length(value)`.as('size')]).where('app_id', '=', appId).where('user_id', '=', userId),
  );
}

export async function findOption(s: Session, appId: number, userId: number, name: string): Promise<AppOptionRow | undefined> {
  const [row] = await s.query((q) =>
    q.selectFrom('app_option').selectAll().where('app_id', '=', appId).where('user_id', '=', userId).where('name', '=', name),
  );
  return row;
}

export async function writeOption(s: WriteSession, option: AppOptionRow): Promise<void> {
  await s.query((q) =>
    q.insertInto('app_option').values(option).onConflict((c) =>
      c.columns(['app_id', 'user_id', 'name']).doUpdateSet({ value: option.value }),
    ),
  );
}

const lock = statement((q, p: { appId: number }) => q.selectFrom('app').select('id').where('id', '=', p.appId).forNoKeyUpdate());

/** Keeps other calls that write options of the application waiting: there is a limit on how many it may have. */
export async function lockOptions(s: WriteSession, appId: number): Promise<void> {
  await s.all(lock, { appId });
}
