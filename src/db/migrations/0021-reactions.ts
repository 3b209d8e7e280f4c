import type { Migration } from './migration.ts';

/** Reactions of any kind in the place of likes, pinned messages, what links lead to, and what of a change its entry in the journal needs besides ids. */
export const reactions: Migration = {
  id: 21,
  name: 'reactions',
  up: (d) => [
    `create table message_reaction (
      message_id bigint not null, user_id bigint not null, reaction varchar(64) not null, created_at bigint not null,
      primary key (message_id, user_id, reaction)) ${d.clustered}`,
    `insert into message_reaction (message_id, user_id, reaction, created_at) select message_id, user_id, 'like', created_at from message_like`,
    `drop table message_like`,
    `create table message_pin (
      chat_id bigint not null, message_id bigint not null, user_id bigint not null, created_at bigint not null,
      primary key (chat_id, message_id)) ${d.clustered}`,
    `create table link_preview (
      id ${d.identity}, url ${d.exactText} not null unique, title text not null, description text not null, image text not null,
      looked_at bigint not null)`,
    `alter table journal add column detail varchar(64) not null default ''`,
  ],
};
