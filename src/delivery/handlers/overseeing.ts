/** What has become of the events that handlers are told of, and telling them again: for administrators. */
import type { Database, Session } from '../../db/database.ts';
import { type AddressRow, countDeliveries, type DeliveryQuery, type DeliveryRow, listDeliveries, type NamedDelivery, readAddresses, readDeliveries, requeueDeliveries } from '../../db/stores/delivery-store.ts';
import { findAppByClientId } from '../../db/stores/app-store.ts';
import { done, type Outcome, refused } from '../../base/outcome.ts';
import type { Portal } from '../../portal/portal.ts';

const MOST_ADDRESSES = 500;
const AT_ONCE = 500;

/** Which deliveries. */
export interface Overseen {
  /** Empty for any. */
  state: DeliveryQuery['state'];
  /** Of one application; empty for all. */
  clientId: string;
  /** To one address; empty for all. */
  url: string;
}

/** The newest deliveries of an application; undefined when there never was such an application. */
export function latestOf(db: Database, clientId: string, limit: number): Promise<DeliveryRow[] | undefined> {
  return db.read(async (s) => {
    const app = await findAppByClientId(s, clientId);
    return app && listDeliveries(s, app.id, limit);
  });
}

/** A page of deliveries, newest first. */
export function lookUpDeliveries(db: Database, { clientId, ...query }: Overseen, page: { offset: number; limit: number }): Promise<Outcome<{ rows: NamedDelivery[]; total: number }, 'no_app'>> {
  return db.read(async (s) => {
    const appId = await appIdOf(s, clientId);
    if (appId === undefined) return refused('no_app');
    const wanted = { ...query, appId };
    return done({ rows: await readDeliveries(s, wanted, page), total: await countDeliveries(s, wanted) });
  });
}

/** How each address fares, those with the most failures first. */
export function lookUpAddresses(db: Database): Promise<AddressRow[]> {
  return db.read((s) => readAddresses(s, MOST_ADDRESSES));
}

/** Tells something again, whatever became of it. */
export function replayOne({ db, clock }: Pick<Portal, 'db' | 'clock'>, id: number): Promise<number> {
  return db.write((s) => requeueDeliveries(s, { id }, clock.now(), 1));
}

/** Tells an address again of all that it has not taken, in the order in which it happened. */
export async function replayAddress({ db, clock }: Pick<Portal, 'db' | 'clock'>, url: string, clientId: string): Promise<Outcome<number, 'no_app'>> {
  const appId = await db.read((s) => appIdOf(s, clientId));
  if (appId === undefined) return refused('no_app');
  let replayed = 0;
  for (let more = true; more; ) {
    const some = await db.write((s) => requeueDeliveries(s, { url, appId }, clock.now(), AT_ONCE));
    replayed += some;
    more = some === AT_ONCE;
  }
  return done(replayed);
}

/** 0 for none named; undefined for one that there is not. */
async function appIdOf(s: Session, clientId: string): Promise<number | undefined> {
  return clientId === '' ? 0 : (await findAppByClientId(s, clientId))?.id;
}
