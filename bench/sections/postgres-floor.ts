/** The floor of PostgreSQL on this machine: one durable statement that writes what a send must, by pgbench. */
import { execFile } from 'node:child_process';
import { globSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Figure, milliseconds, perSecond } from '../figures.ts';
import { ask, makeHome } from '../home.ts';
import type { Bench, Section } from '../section.ts';

const CHATS = 100;
const CLIENTS = 32;

const TABLES = `
  create table chat (id bigint primary key, last_message_id bigint not null, count_seq bigint not null, bumped_at bigint not null, rev bigint not null) with (fillfactor = 80);
  create table message (id bigint generated always as identity primary key, chat_id bigint not null, author_id bigint not null, text text not null, created_at bigint not null, uuid text);
  create index on message (chat_id, id);
  create unique index on message (author_id, uuid) where uuid is not null;
  create table journal (id bigint generated always as identity primary key, rev bigint not null, what text not null, chat_id bigint not null, user_id bigint not null);
  create table member (user_id bigint, chat_id bigint, last_id bigint not null, read_count_seq bigint not null, rev bigint not null, primary key (user_id, chat_id)) with (fillfactor = 80);
  insert into chat select n, 0, 0, 0, 0 from generate_series(1, ${CHATS}) n;
  insert into member select u, n, 0, 0, 0 from generate_series(1, ${CHATS}) n, generate_series(1, 2) u`;

const SEND = `with bumped as (
    update chat set count_seq = count_seq + 1, bumped_at = 1, rev = pg_current_xact_id()::text::bigint where id = :chat returning count_seq
  ), written as (
    insert into message (chat_id, author_id, text, created_at, uuid) select :chat, 1, 'The quick brown fox jumps over the lazy dog', count_seq, null from bumped returning id
  ), read as (
    update member set last_id = (select id from written), read_count_seq = (select count_seq from bumped), rev = pg_current_xact_id()::text::bigint
    where user_id = 1 and chat_id = :chat returning last_id
  ) insert into journal (rev, what, chat_id, user_id) select pg_current_xact_id()::text::bigint, 'message', :chat, last_id from read;`;

export const postgresFloor: Section = {
  name: 'postgres-floor',
  title: 'What PostgreSQL can do here: pgbench, one statement of CTEs for chat, message, journal and the sender\'s row',
  engines: ['postgres'],
  async seed() {
    return async ({ home, seconds }) => {
      await using empty = await makeHome(home.databaseUrl);
      for (const statement of TABLES.split(';')) await ask(empty.databaseUrl, statement);
      const run = (clients: number, chats: number) => pgbench({ home: empty, seconds }, clients, chats);
      const [one, many, fighting] = [await run(1, CHATS), await run(CLIENTS, CHATS), await run(CLIENTS, 1)];
      const figures: Figure[] = [perSecond('one client', one), milliseconds('one client, mean', 1000 / one)];
      return [...figures, perSecond(`${CLIENTS} clients, ${CHATS} chats`, many), perSecond(`${CLIENTS} clients, one chat`, fighting)];
    };
  },
};

/** Transactions a second. */
async function pgbench({ home, seconds }: Pick<Bench, 'home' | 'seconds'>, clients: number, chats: number): Promise<number> {
  const script = join(home.folder, 'send.sql');
  writeFileSync(script, `\\set chat random(1, ${chats})\n${SEND.replaceAll('\n', ' ')}\n`);
  const program = globSync('/usr/lib/postgresql/*/bin/pgbench').at(-1) ?? 'pgbench';
  const args = ['-n', '-M', 'prepared', '-f', script, '-c', String(clients), '-T', String(seconds), home.databaseUrl];
  const { stdout } = await promisify(execFile)(program, args);
  return Number(/^tps = ([\d.]+)/m.exec(stdout)?.[1]);
}
