import type { Migration } from './migration.ts';

/** Everything the recent list stands on. See docs/architecture.md for the tables and their indexes. */
export const initial: Migration = {
  id: 1,
  name: 'initial',
  up: (d) => [
    `create table portal (key varchar(64) primary key, value text not null)`,
    `create table sequence (name varchar(64) primary key, value bigint not null)`,
    `create table "user" (
      id ${d.identity},
      active bigint not null, admin bigint not null,
      email text not null, first_name text not null, last_name text not null, work_position text not null,
      gender text not null, birthday text not null, color text not null, avatar text not null,
      extranet bigint not null, external_auth_id text not null, website text not null, time_zone text not null,
      phones text not null, departments text not null, profile text not null,
      last_activity_at bigint not null, absent_until bigint not null,
      created_at bigint not null, updated_at bigint not null)`,
    `create unique index user_email on "user" (email) where email <> ''`,
    `create table webhook (
      id ${d.identity},
      user_id bigint not null references "user" (id),
      code_hash varchar(64) not null unique, scope text not null, title text not null,
      active bigint not null, created_at bigint not null, last_used_at bigint not null)`,
    `create table chat (
      id ${d.identity},
      type varchar(1) not null, title text not null, description text not null,
      owner_id bigint not null, color text not null, avatar text not null,
      entity_type text not null, entity_id text not null,
      entity_data_1 text not null, entity_data_2 text not null, entity_data_3 text not null,
      parent_chat_id bigint not null, parent_message_id bigint not null,
      pair_key varchar(64) unique,
      manager_ids text not null, extranet bigint not null,
      member_count bigint not null, message_count bigint not null,
      count_seq bigint not null, gone_seq bigint not null,
      top_message_id bigint not null, last_message_id bigint not null, last_message_at bigint not null,
      bumped_at bigint not null, wide bigint not null, created_at bigint not null) ${d.hot}`,
    `create index chat_entity on chat (entity_type, entity_id) where entity_type <> ''`,
    `create table message (
      id ${d.identity},
      chat_id bigint not null references chat (id),
      author_id bigint not null, text text not null, params text not null, created_at bigint not null,
      count_seq bigint not null, counts bigint not null, system bigint not null,
      seen bigint not null, deleted bigint not null, uuid varchar(36))`,
    `create unique index message_uuid on message (uuid) where uuid is not null`,
    `create index message_chat on message (chat_id, id)`,
    `create index message_author on message (chat_id, author_id, count_seq)`,
    `create table gone_message (
      chat_id bigint not null, message_id bigint not null, author_id bigint not null,
      count_seq bigint not null, counts bigint not null, primary key (chat_id, message_id))`,
    `create index gone_message_seq on gone_message (chat_id, count_seq)`,
    `create table member (
      user_id bigint not null, chat_id bigint not null, peer_id bigint not null, type varchar(1) not null,
      role bigint not null, muted bigint not null, pinned bigint not null, unread bigint not null,
      last_id bigint not null, read_count_seq bigint not null, own_seq bigint not null,
      viewed_id bigint not null, start_id bigint not null, hidden_to bigint not null,
      sort_at bigint not null, updated_at bigint not null, has_unread bigint not null,
      wide bigint not null, joined_at bigint not null, left_at bigint not null,
      primary key (user_id, chat_id)) ${d.clustered} ${d.hot}`,
    `create index member_chat on member (chat_id, user_id)`,
    `create index member_window on member (user_id, updated_at) where sort_at > 0`,
    `create index member_list on member (user_id, pinned, sort_at, chat_id) where sort_at > 0`,
    // Serves what is unread and, with wide = 1, the wide chats. Not partial: planners without statistics would then
    // prefer the primary key and look at all the user's chats.
    `create index member_unread on member (user_id, wide, has_unread, chat_id)`,
    `create table reminder (
      id ${d.identity},
      user_id bigint not null, chat_id bigint not null, message_id bigint not null,
      remind_at bigint not null, done_at bigint not null)`,
    `create index reminder_open on reminder (user_id, remind_at) where done_at = 0`,
    `create index reminder_message on reminder (message_id)`,
  ],
};
