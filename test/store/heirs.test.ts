/** Who leads a chat, and who comes next when its owner leaves, is found without a look at all who are in it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openSqlite } from '../../src/db/engines/sqlite.ts';
import { SqliteCompiler } from '../../src/db/engines/sqlite-compiler.ts';
import { migrations } from '../../src/db/migrations/index.ts';
import { makeBuilder, type Prepared } from '../../src/db/statement.ts';
import { heirs, leaders } from '../../src/db/stores/leader-store.ts';

const builder = makeBuilder(new SqliteCompiler());
let folder: string;
let db: DatabaseSync;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tidemark-heirs-'));
  const path = join(folder, 'test.db');
  const store = await openSqlite(path, { onFailure: (error) => expect.fail(error.message), onFault: (fault) => expect.fail(String(fault)) });
  await store.migrate(migrations);
  await store.close();
  db = new DatabaseSync(path);
});
afterAll(() => {
  db.close();
  rmSync(folder, { recursive: true });
});

function planOf({ sql, slots }: Prepared): string[] {
  const plan = db.prepare(`explain query plan ${sql}`).all(...slots.map(() => 1)) as Array<{ detail: string }>;
  return plan.map(({ detail }) => detail);
}

test('heirs are walked in the order of an index', () => {
  expect(planOf(heirs.prepare(builder))).toEqual([
    expect.stringMatching(/^SEARCH m USING .*INDEX member_standing \(chat_id=\?\)/), expect.stringMatching(/^SEARCH u USING INTEGER PRIMARY KEY/),
  ]);
});

test('of the members only those are looked at who lead', () => {
  expect(planOf(leaders.prepare(builder))[0]).toMatch(/^SEARCH member USING .*INDEX member_standing \(chat_id=\? AND role>\?\)/);
});
