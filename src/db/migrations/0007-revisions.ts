import type { Migration } from './migration.ts';

/**
 * Revisions in the rows that lists are made of, the journal, what tokens and dates are judged by. What was there before
 * has revision 0. `member_changed` takes the place of an index by date. See docs/architecture.md.
 */
export const revisions: Migration = {
  id: 7,
  name: 'revisions',
  up: (d) => [
    `alter table member add column rev bigint not null default 0`,
    `alter table chat add column rev bigint not null default 0`,
    `alter table "user" add column rev bigint not null default 0`,
    `create index member_changed on member (user_id, rev, chat_id)`,
    `create index user_changed on "user" (rev)`,
    `create index user_active on "user" (last_activity_at)`,
    `drop index member_window`,
    `create index member_left on member (left_at) where left_at > 0`,
    `create table journal (
      rev bigint not null, seq bigint not null, what varchar(16) not null,
      chat_id bigint not null, user_id bigint not null, actor_id bigint not null, subject_id bigint not null,
      hops bigint not null, created_at bigint not null,
      primary key (rev, seq)) ${d.clustered}`,
    `create table journal_reader (name varchar(32) primary key, rev bigint not null, seq bigint not null)`,
    `insert into journal_reader (name, rev, seq) values ('handlers', 0, 0)`,
    // What handlers were still to be told of comes before everything new.
    `insert into journal (rev, seq, what, chat_id, user_id, actor_id, subject_id, hops, created_at)
      select 0, id,
        case event when 'messageAdded' then 'message.added' when 'messageUpdated' then 'message.updated'
          when 'messageDeleted' then 'message.deleted' when 'chatJoined' then 'chat.joined' else 'user.added' end,
        coalesce(${d.jsonNumber('subject', 'chatId')}, 0), 0, user_id,
        coalesce(${d.jsonNumber('subject', 'messageId')}, ${d.jsonNumber('subject', 'userId')}, 0), hops, created_at
      from occurrence`,
    `drop table occurrence`,
    `delete from portal where key = 'bound_events'`,
    `create table generation (
      id ${d.identity}, nonce varchar(16) not null unique, rev bigint not null, started_at bigint not null)`,
    `create table tick (
      node varchar(64) not null, at bigint not null, until bigint not null, rev bigint not null,
      primary key (node, at))`,
    `alter table reminder add column due bigint not null default 0`,
    `create index reminder_pending on reminder (remind_at) where done_at = 0 and due = 0`,
    `create index user_absent on "user" (absent_until) where absent_until > 0`,
    `alter table event_handler add column rev bigint not null default 0`,
    ...d.revisions,
  ],
};
