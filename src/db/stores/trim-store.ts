import type { Session } from '../database.ts';
import { statement } from '../statement.ts';

const FLOOR = 'trimmed';

const floor = statement((q, p: { name: string }) => q.selectFrom('journal_reader').select('rev').where('name', '=', p.name));

/** The highest revision of a tombstone that was deleted: who has not seen it cannot learn of it any more. */
export async function readFloor(s: Session): Promise<number> {
  return (await s.first(floor, { name: FLOOR }))?.rev ?? -1;
}
