import type { Clock } from '../base/clock.ts';
import type { Database } from '../db/database.ts';
import type { Settings } from './settings.ts';

/** What everything that serves a portal works with. */
export interface Portal {
  db: Database;
  /** For what expires, is due, or lasts. */
  clock: Clock;
  /**
   * The portal's settings as they are now. Ask before opening a session, never within one: a session that waits for
   * another may wait for ever.
   *
   * @param version of the portal, as the store has just told it: while it stands, nothing is read again
   */
  settings(version?: number): Promise<Settings>;
}

/** The user whom a first start makes, the portal's first administrator. */
export const ADMIN_ID = 1;
