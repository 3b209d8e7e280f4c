/** What a portal has from its first start on. */
import { randomBytes } from 'node:crypto';
import type { Clock } from './base/clock.ts';
import type { Database, Session, WriteSession } from './db/database.ts';
import { ensureRootDepartment } from './db/stores/department-store.ts';
import { deleteWebhooksBut, lockPortal, readSettings, writeSetting } from './db/stores/portal-store.ts';
import { inFrontOf } from './db/in-front.ts';
import { insertUser, restartUserIds } from './db/stores/user-store.ts';
import { isRefusal } from './base/outcome.ts';
import { ADMIN_ID } from './portal/portal.ts';
import { SETTING_KEYS } from './portal/settings.ts';
import { blankUser } from './messenger/people/users.ts';
import { addWebhook, SCOPES } from './identity/webhooks.ts';

const FIRST_TITLE = 'First webhook of the administrator';
const START_TITLE = 'Printed at a start of the server';

/**
 * Creates the portal and its administrator on the first start, all or nothing, together with what `furnish` adds.
 *
 * @returns whether this was the first start
 */
export function ensurePortal(db: Database, clock: Clock, furnish: (joined: Database) => Promise<void>): Promise<boolean> {
  return db.write(async (s) => {
    if ((await readSettings(s)).has(SETTING_KEYS.memberId)) return false;
    await writeSetting(s, SETTING_KEYS.memberId, randomBytes(16).toString('hex'));
    await restartUserIds(s, db.engine);
    await writeSetting(s, SETTING_KEYS.name, 'Tidemark');
    await writeSetting(s, SETTING_KEYS.timezone, 'UTC');
    const admin = { ...blankUser(clock.now()), admin: 1 as const, first_name: 'Administrator' };
    await insertUser(s, admin);
    await ensureRootDepartment(s, 'Tidemark', clock.now());
    await furnish(joinedTo(s, db));
    return true;
  });
}

/** What addresses of files are signed with: made once, and the same on all nodes. */
export async function ensureLinkSecret(db: Database): Promise<void> {
  await db.write(async (s) => {
    await lockPortal(s);
    if (!(await readSettings(s)).has(SETTING_KEYS.linkSecret)) await writeSetting(s, SETTING_KEYS.linkSecret, randomBytes(32).toString('hex'));
  });
}

/** The store as seen from within a transaction: whatever is done through it belongs to that transaction. */
function joinedTo(s: WriteSession, db: Database): Database {
  return inFrontOf(db, {
    read: <T>(work: (session: Session) => Promise<T>) => work(s),
    all: (statement, params) => s.all(statement, params),
    write: (work) => unrefused(work(s)),
    together: () => undefined,
    onCommit: () => {},
    trustsOwnCommits: () => false,
    close: async () => {},
  });
}

/** What is refused within a transaction that goes on could not be undone. */
async function unrefused<T>(work: Promise<T>): Promise<T> {
  const result = await work;
  if (isRefusal(result)) throw new Error(`refused: ${JSON.stringify(result)}`);
  return result;
}

/**
 * A webhook of the administrator with every scope, to be shown at this start. That of the first start stays for ever;
 * each later one takes the place of the one before, of the same data folder: several nodes have one each.
 */
export async function startWebhook(db: Database, clock: Clock, folder: string, firstStart: boolean): Promise<string> {
  const title = firstStart ? FIRST_TITLE : `${START_TITLE} (${folder})`;
  const webhook = await addWebhook(db, clock, { userId: ADMIN_ID, scopes: SCOPES, title });
  if (!webhook) throw new Error('the administrator (user 1) is missing');
  if (firstStart) return webhook.code;
  await db.write(async (s) => {
    await deleteWebhooksBut(s, title, 1);
    // Earlier releases have left up to twenty under this title.
    await deleteWebhooksBut(s, START_TITLE, 0);
  });
  return webhook.code;
}
