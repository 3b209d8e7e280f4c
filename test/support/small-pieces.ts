import type { Database } from '../../src/db/database.ts';
import { inFrontOf } from '../../src/db/in-front.ts';

/** So few that what takes one statement on a small portal takes many, as on a large one. */
const FEW = 7;

/** Given to `startTestServer` as the override `store`: an embedded store is looked through a few rows at a time. */
export const inSmallPieces = (db: Database): Database => inFrontOf(db, { mostScanned: Math.min(db.mostScanned, FEW) });
