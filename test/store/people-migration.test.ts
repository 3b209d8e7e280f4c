/** A portal of the release before: people are found by names in any script, and there is a department, as soon as it is opened. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { migrations } from '../../src/db/migrations/index.ts';
import { openPostgres } from '../../src/db/engines/postgres.ts';
import { openSqlite } from '../../src/db/engines/sqlite.ts';
import type { Database, StoreOptions } from '../../src/db/database.ts';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../../src/config.ts';
import { blankUser } from '../../src/messenger/people/users.ts';
import { findDepartments } from '../../src/db/stores/department-store.ts';
import { findMatching } from '../../src/db/stores/user-search.ts';
import { openStore } from '../../src/portal/open-portal.ts';
import { dropDatabase, freshDatabase } from '../support/server.ts';

const PEOPLE = 450;
const OPTIONS: StoreOptions = {
  onFailure(error) {
    throw error;
  },
  onFault(fault) {
    throw fault;
  },
};
let folder: string;
let databaseUrl: string;

const open = (): Promise<Database> => (databaseUrl ? openPostgres(databaseUrl, OPTIONS) : openSqlite(join(folder, 'tidemark.db'), OPTIONS));

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-people-'));
  databaseUrl = await freshDatabase();
  const before = await open();
  await before.migrate(migrations.filter(({ id }) => id < 9));
  await before.write(async (s) => {
    await s.query((q) => q.insertInto('portal').values({ key: 'name', value: 'Мореходы' }));
    for (let i = 0; i < PEOPLE; i++) {
      await s.query((q) => q.insertInto('user').values({ ...blankUser(1), first_name: `Ёлка ${i}`, departments: `[${(i % 3) + 1}]`, profile: '{"PERSONAL_CITY":"РИГА"}' }));
    }
  });
  await before.close();
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await dropDatabase(databaseUrl);
});

test('everybody is found, the root bears the portal\'s name, and opening again changes nothing', async () => {
  const config = { ...loadConfig({}, {}), data: folder, databaseUrl };
  for (let opened = 0; opened < 2; opened++) {
    const db = await openStore(config, join(folder, 'tidemark.db'), OPTIONS);
    const found = (condition: Parameters<typeof findMatching>[1]['condition']) => db.read((s) => findMatching(s, { condition, order: [] }, 0, 1000));
    expect(await found({ text: 'first_name', is: { op: 'in', values: ['ёлка 7'] } })).toHaveLength(1);
    expect(await found({ text: 'PERSONAL_CITY', is: { op: 'in', values: ['рига'] } })).toHaveLength(PEOPLE);
    expect(await found({ department: { op: 'in', values: [2] } })).toHaveLength(PEOPLE / 3);
    expect(await db.read((s) => findDepartments(s, [], [], 0, 10))).toMatchObject([{ id: 1, name: 'Мореходы', name_key: 'мореходы', parent_id: 0 }]);
    await db.close();
  }
});
