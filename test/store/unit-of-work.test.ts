/** Units of work: all or nothing, each for itself, whatever the others of its transaction do. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Changes } from '../../src/db/changes.ts';
import type { Database, Session, WriteSession } from '../../src/db/database.ts';
import { insertUser, lockUser, updateUser } from '../../src/db/stores/user-store.ts';
import { blankUser } from '../../src/messenger/people/users.ts';
import { done, refused } from '../../src/base/outcome.ts';
import { dump } from '../support/dump.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let portal: TestServer;
let db: Database;
const faults: unknown[] = [];

beforeAll(async () => {
  portal = await startTestServer({}, { log: silentLog() });
  db = portal.server.context.db;
});
afterAll(() => portal[Symbol.asyncDispose]());

/** What the server says of listeners that throw goes into {@link faults}. */
function silentLog() {
  const log = { error: (entry: { err: unknown }) => faults.push(entry.err), warn() {}, info() {}, debug() {}, isLevelEnabled: () => false };
  return log as unknown as NonNullable<Parameters<typeof startTestServer>[1]>['log'] & object;
}

const KINDS = ['done', 'refused', 'thrown', 'violation', 'refused late'] as const;
type Kind = (typeof KINDS)[number];

async function unit(s: WriteSession, kind: Kind, name: string) {
  const id = await insertUser(s, { ...blankUser(0), first_name: name });
  if (kind === 'thrown') throw new Error(name);
  if (kind === 'violation') await s.query((q) => q.insertInto('user').values({ ...blankUser(0), id, first_name: name }));
  if (kind === 'refused') return refused('no');
  await updateUser(s, id, { last_name: name });
  return kind === 'refused late' ? refused('no') : done(id);
}

function namesOf(s: Session): Promise<string[]> {
  return s.query((q) => q.selectFrom('user').select('first_name').where('first_name', 'like', 'unit %')).then((rows) => rows.map((row) => row.first_name));
}

test('of units that arrive together each is done or leaves nothing, whatever the others do', async () => {
  let round = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...KINDS), { minLength: 1, maxLength: 30 }), async (kinds) => {
      const prefix = `unit ${(round += 1)}-`;
      const touched = new Set<number>();
      db.onCommit((commit: Changes) => commit.users.forEach((id) => touched.add(id)));
      const runs = kinds.map(() => 0);
      const outcomes = await Promise.allSettled(
        kinds.map((kind, index) =>
          db.write((s) => {
            runs[index]! += 1;
            return unit(s, kind, `${prefix}${index}`);
          }),
        ),
      );
      const expected = kinds.map((kind) => (kind === 'done' ? 'done' : kind.startsWith('refused') ? 'refused' : 'rejected'));
      const told = outcomes.map((outcome) => (outcome.status === 'rejected' ? 'rejected' : outcome.value.ok ? 'done' : 'refused'));
      expect(told).toEqual(expected);
      const ids = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' && outcome.value.ok ? [outcome.value.value] : []));
      expect([...touched].sort()).toEqual([...ids].sort());
      const stored = (await db.read(namesOf)).filter((name) => name.startsWith(prefix));
      expect(stored.sort()).toEqual(kinds.flatMap((kind, index) => (kind === 'done' ? [`${prefix}${index}`] : [])).sort());
      // Only a key that two transactions insert at once makes a unit run again, and only on PostgreSQL.
      kinds.forEach((kind, index) => kind === 'violation' || expect(runs[index]).toBe(1));
    }),
    { numRuns: 30 },
  );
});

test('a listener that throws concerns neither the writer nor the other listeners', async () => {
  faults.length = 0;
  let broken = true;
  let heard = 0;
  let runs = 0;
  db.onCommit(() => {
    if (broken) throw new Error('broken listener');
  });
  db.onCommit(() => (heard += 1));
  const id = await db.write(async (s) => {
    runs += 1;
    const user = await insertUser(s, blankUser(0));
    await updateUser(s, user, { first_name: 'Heard' });
    return user;
  });
  broken = false;
  expect({ runs, heard, stored: (await db.read((s) => s.query((q) => q.selectFrom('user').select('id').where('id', '=', id)))).length })
    .toEqual({ runs: 1, heard: 1, stored: 1 });
  expect(faults).toMatchObject([{ message: 'broken listener' }]);
});

const LEAKS: ReadonlyArray<readonly [string, (leak: (s: WriteSession) => void) => Promise<unknown>]> = [
  ['a read', (leak) => db.read(async (s) => leak(s as WriteSession))],
  ['a write', (leak) => db.write(async (s) => leak(s))],
  ['a refused write', (leak) => db.write(async (s) => (leak(s), refused('no')))],
  ['a failed write', (leak) => db.write(async (s) => (leak(s), Promise.reject(new Error('failed')))).catch(() => {})],
];

test.each(LEAKS)('the session of %s is dead once that has ended', async (_name, run) => {
  let leaked: WriteSession | undefined;
  await run((s) => {
    leaked = s;
  });
  const before = await dump(db);
  await expect(leaked!.query((q) => q.insertInto('user').values(blankUser(0)))).rejects.toThrow(/unit of work had ended/);
  await expect(lockUser(leaked!, 1)).rejects.toThrow(/unit of work had ended/);
  await expect(leaked!.all(never, {})).rejects.toThrow(/unit of work had ended/);
  expect(await dump(db)).toEqual(before);
});

const never = { prepare: () => ({ sql: 'select 1', slots: [] }) } as unknown as Parameters<WriteSession['all']>[0];
