/** Tables of a portal that has data in them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { expect, test, vi } from 'vitest';
import { migrations } from '../../src/db/migrations/index.ts';
import { openPostgres } from '../../src/db/engines/postgres.ts';
import { openSqlite } from '../../src/db/engines/sqlite.ts';
import type { Session } from '../../src/db/database.ts';
import { entriesAfter, READERS, readCursor } from '../../src/db/stores/journal-store.ts';
import { reactionsOf } from '../../src/db/stores/reaction-store.ts';
import { dropDatabase, freshDatabase } from '../support/server.ts';

const fail = (fault: unknown): never => {
  throw fault;
};
const options = { onFailure: fail, onFault: fail };

const run = (s: Session, text: string) => s.query((q) => ({ compile: () => sql.raw(text).compile(q) }));

test('handlers from before are bound by their users or by the installer, with the application\'s scopes; deliveries have lanes', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-migrate-'));
  const databaseUrl = await freshDatabase();
  const db = databaseUrl ? await openPostgres(databaseUrl, options) : await openSqlite(join(folder, 'db'), options);
  try {
    await db.migrate(migrations.filter(({ id }) => id <= 2));
    await db.write(async (s) => {
      await run(s, `insert into app (client_id, secret_hash, title, scope, redirect_uri, handler_url, application_token, version, active, held, user_ids, created_by, created_at, updated_at)
        values ('c', 'h', 't', 'im,user', '', '', 'a', 1, 1, 0, '', 5, 1, 1)`);
      await run(s, `insert into event_handler (app_id, event, url, user_id, created_at) values (1, 'ONAPPTEST', 'u', 0, 1), (1, 'ONUSERADD', 'u', 7, 1)`);
      await run(s, `insert into delivery (app_id, handler_id, event, url, user_id, hops, data, state, attempts, next_at, claimed_until, status, problem, created_at, finished_at)
        values (1, 2, 'ONUSERADD', 'u', 7, 7, '{}', 'waiting', 0, 1, 0, 0, '', 1, 0)`);
      await run(s, `insert into oauth_code (code_hash, app_id, user_id, scope, expires_at) values ('x', 1, 7, 'im', 1)`);
    });
    await db.migrate(migrations);
    const handlers = await db.read((s) => s.query((q) => q.selectFrom('event_handler').select(['bound_by', 'scope', 'hops', 'ends_at']).orderBy('id')));
    expect(handlers).toEqual([{ bound_by: 5, scope: 'im,user', hops: 7, ends_at: 0 }, { bound_by: 7, scope: 'im,user', hops: 7, ends_at: 0 }]);
    expect(await db.read((s) => s.query((q) => q.selectFrom('delivery').select('lane')))).toEqual([{ lane: 'handler 2' }]);
    expect(await db.read((s) => s.query((q) => q.selectFrom('oauth_code').select('grant_id')))).toEqual([{ grant_id: '' }]);
  } finally {
    await db.close();
    rmSync(folder, { recursive: true, force: true });
    await dropDatabase(databaseUrl);
  }
});

test('likes are reactions from then on, with their dates', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-migrate-'));
  const databaseUrl = await freshDatabase();
  const db = databaseUrl ? await openPostgres(databaseUrl, options) : await openSqlite(join(folder, 'db'), options);
  try {
    await db.migrate(migrations.filter(({ id }) => id < 21));
    await db.write((s) => run(s, 'insert into message_like (message_id, user_id, created_at) values (3, 5, 10), (3, 4, 11), (7, 5, 12)'));
    await db.migrate(migrations);
    const found = await db.read((s) => reactionsOf(s, [3, 7, 8]));
    expect([...found].map(([id, byCode]) => [id, ...byCode])).toEqual([[3, ['like', [5, 4]]], [7, ['like', [5]]]]);
  } finally {
    await db.close();
    rmSync(folder, { recursive: true, force: true });
    await dropDatabase(databaseUrl);
  }
});

test('events that were waiting are the first entries of the journal, in their order', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-migrate-'));
  const databaseUrl = await freshDatabase();
  const db = databaseUrl ? await openPostgres(databaseUrl, options) : await openSqlite(join(folder, 'db'), options);
  try {
    await db.migrate(migrations.filter(({ id }) => id <= 6));
    const waiting = [
      ['messageAdded', '{"chatId":3,"messageId":20}'], ['messageUpdated', '{"chatId":3,"messageId":21}'], ['messageDeleted', '{"chatId":3,"messageId":22}'],
      ['chatJoined', '{"chatId":4,"userId":7}'], ['userAdded', '{"userId":8}'], ['userAdded', '{'],
    ];
    await db.write(async (s) => {
      for (const [event, subject] of waiting) await run(s, `insert into occurrence (event, user_id, hops, subject, created_at) values ('${event}', 5, 6, '${subject}', 9)`);
    });
    await db.migrate(migrations);
    await db.write(async (s) => s.changes.note({ what: 'settings' }));
    // A transaction elsewhere on the same server keeps readers waiting while it is open.
    const { entries, after } = await vi.waitFor(async () => {
      const found = await db.read(async (s) => {
        const at = await readCursor(s, READERS.handlers);
        return { entries: await entriesAfter(s, at, at.token, 100), after: at };
      });
      expect(found.entries.length).toBeGreaterThan(waiting.length);
      return found;
    }, { timeout: 20_000, interval: 50 });
    const old = { user_id: 0, actor_id: 5, hops: 6, via: '', created_at: 9, rev: 0, detail: '' };
    expect(entries.slice(0, 6)).toEqual([
      { ...old, seq: 1, what: 'message.added', chat_id: 3, subject_id: 20 }, { ...old, seq: 2, what: 'message.updated', chat_id: 3, subject_id: 21 },
      { ...old, seq: 3, what: 'message.deleted', chat_id: 3, subject_id: 22 }, { ...old, seq: 4, what: 'chat.joined', chat_id: 4, subject_id: 7 },
      { ...old, seq: 5, what: 'user.added', chat_id: 0, subject_id: 8 }, { ...old, seq: 6, what: 'user.added', chat_id: 0, subject_id: 0 },
    ]);
    expect(entries.slice(6)).toMatchObject([{ what: 'settings', rev: after.newest }]);
    expect(after.newest).toBeGreaterThan(0);
  } finally {
    await db.close();
    rmSync(folder, { recursive: true, force: true });
    await dropDatabase(databaseUrl);
  }
});
