import type { Migration } from './migration.ts';

/** Who has the events of their chats recorded, and what was recorded for them. */
export const userEvents: Migration = {
  id: 23,
  name: 'user events',
  up: (d) => [
    `create table event_subscriber (
      user_id bigint primary key, rev bigint not null, fetched_at bigint not null)`,
    `create table user_event (
      id ${d.identity},
      user_id bigint not null, type varchar(64) not null, chat_id bigint not null, message_id bigint not null,
      data text not null, created_at bigint not null)`,
    `create index user_event_user on user_event (user_id, id)`,
    `create index user_event_old on user_event (created_at)`,
  ],
};
