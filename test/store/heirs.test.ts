/** Who comes next when the owner of a chat leaves is found without a look at all who are in it. */
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { SqliteCompiler } from '../../src/db/engines/sqlite-compiler.ts';
import { migrations } from '../../src/db/migrations/index.ts';
import { heirs } from '../../src/db/stores/leader-store.ts';
import { makeBuilder } from '../../src/db/statement.ts';
import { openSqlite } from '../../src/db/engines/sqlite.ts';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

test('the statement walks an index in order', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-heirs-'));
  const path = join(folder, 'test.db');
  const store = await openSqlite(path, { onFailure: (error) => expect.fail(error.message), onFault: (fault) => expect.fail(String(fault)) });
  await store.migrate(migrations);
  await store.close();
  const db = new DatabaseSync(path);
  const { sql, slots } = heirs.prepare(makeBuilder(new SqliteCompiler()));
  const plan = db.prepare(`explain query plan ${sql}`).all(...slots.map(() => 1)) as Array<{ detail: string }>;
  expect(plan.map(({ detail }) => detail)).toEqual([expect.stringMatching(/^SEARCH m USING .*INDEX member_standing \(chat_id=\?\)/), expect.stringMatching(/^SEARCH u USING INTEGER PRIMARY KEY/)]);
  db.close();
  rmSync(folder, { recursive: true });
});
