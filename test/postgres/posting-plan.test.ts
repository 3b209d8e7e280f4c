/** How PostgreSQL goes about the one statement of a send where the tables are large: by indexes, whatever it is about. */
import { PostgresQueryCompiler } from 'kysely';
import pg from 'pg';
import { expect, test } from 'vitest';
import type { Gathered, Database, WriteSession } from '../../src/db/database.ts';
import { makeBuilder, type Statement } from '../../src/db/statement.ts';
import { ask } from '../../bench/home.ts';
import { startTestServer } from '../support/server.ts';

/** Rows of each table, or more. */
const MANY = 20_000;
const WHOLE_TABLE = /Seq Scan|Bitmap/;

/** Statements that were sent with their commits, as PostgreSQL is told them. */
function listening(heard: Set<string>) {
  const builder = makeBuilder(new PostgresQueryCompiler());
  const hear = (s: WriteSession): WriteSession =>
    new Proxy(s, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name, target);
        if (typeof member !== 'function') return member;
        if (name !== 'all') return member.bind(target);
        return <P extends object, O>(statement: Statement<P, O>, params: P) => {
          heard.add(statement.prepare(builder).sql);
          return target.all(statement, params);
        };
      },
    });
  return (db: Database): Database =>
    new Proxy(db, {
      get(target, name) {
        if (name === 'write') return <T>(work: (s: WriteSession) => Promise<T>, gathered?: Gathered) => target.write((s) => work(gathered ? hear(s) : s), gathered);
        const member: unknown = Reflect.get(target, name, target);
        return typeof member === 'function' ? member.bind(target) : member;
      },
    });
}

test('among many chats, members and messages no table is read through, whether the statement waits for others or not', async () => {
  const heard = new Set<string>();
  await using portal = await startTestServer({}, { store: listening(heard), folding: 'never' });
  const anna = await portal.addUser('Anna');
  const chat = await anna.call<number>('im.chat.add', { TITLE: 'One of many', USERS: [(await portal.addUser('Boris')).userId] });
  const send = () => anna.call<number>('im.message.add', { DIALOG_ID: `chat${chat}`, MESSAGE: 'Hello' });
  await send();
  const client = new pg.Client({ connectionString: portal.databaseUrl });
  await client.connect();
  try {
    await client.query('begin');
    await client.query(`select id from chat where id = ${chat} for no key update`);
    const waiting = send();
    await expect.poll(() => heard.size).toBe(2);
    await client.query('commit');
    await waiting;
    const more = (table: string, where: string, fields: string) =>
      ask(portal.databaseUrl, `insert into ${table} select (jsonb_populate_record(t, jsonb_build_object(${fields}))).* from ${table} as t, generate_series(1, ${MANY}) as g where ${where}`);
    await more('"user"', `id = ${anna.userId}`, `'id', 1000 + g`);
    await more('chat', `id = ${chat}`, `'id', 1000 + g`);
    await more('member', `chat_id = ${chat}`, `'chat_id', 1000 + g`);
    await more('message', `id = (select max(id) from message)`, `'id', 1000 + g, 'chat_id', 1000 + g, 'uuid', gen_random_uuid()`);
    await client.query('analyze');
    await client.query('set plan_cache_mode = force_generic_plan');
    for (const [index, text] of [...heard].entries()) {
      await client.query(`prepare send_${index} as ${text}`);
      const values = Array.from({ length: Math.max(...Array.from(text.matchAll(/\$(\d+)/g), ([, number]) => Number(number))) }, () => 'null');
      const { rows } = await client.query<{ 'QUERY PLAN': string }>(`explain execute send_${index} (${values.join(', ')})`);
      const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
      expect(plan).toMatch(/Index Scan using chat_pkey/);
      expect(plan).not.toMatch(WHOLE_TABLE);
    }
  } finally {
    await client.end();
  }
});
