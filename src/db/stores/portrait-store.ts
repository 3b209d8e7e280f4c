import type { Insertable } from 'kysely';
import type { Session, WriteSession } from '../database.ts';
import type { PortraitTable } from '../schema-blobs.ts';
import { statement } from '../statement.ts';
import { holdBlob, releaseBlob } from './blob-store.ts';

export type PortraitSize = Omit<Insertable<PortraitTable>, 'owner'>;

/** Gives somebody, or a chat, a picture in its sizes in place of the one they have. */
export async function replacePortrait(s: WriteSession, owner: string, sizes: readonly PortraitSize[]): Promise<void> {
  for (const { blob } of sizes) await holdBlob(s, blob);
  const before = await s.query((q) => q.deleteFrom('portrait').where('owner', '=', owner).returning('blob'));
  if (sizes.length > 0) await s.query((q) => q.insertInto('portrait').values(sizes.map((size) => ({ ...size, owner }))));
  for (const { blob } of before) await releaseBlob(s, blob);
}

const ofSide = statement((q, p: { id: string; side: number }) =>
  q.selectFrom('portrait').select('blob').where('id', '=', p.id).orderBy((eb) => eb.case().when('side', '>=', p.side).then(eb.ref('side')).else(1_000_000).end()).orderBy('side', 'desc').limit(1),
);

/** The bytes of the picture in the smallest size that is large enough, or in the largest. */
export async function findPortrait(s: Session, id: string, side: number): Promise<string | undefined> {
  return (await s.first(ofSide, { id, side }))?.blob;
}
