import type { Migration } from './migration.ts';

/** Chats that users look into without being members, and until when they are told of them; and room in the journal for what applications tell. */
export const watches: Migration = {
  id: 26,
  name: 'watches',
  up: (d) => [
    `create table watch (user_id bigint not null, chat_id bigint not null, until bigint not null, primary key (user_id, chat_id)) ${d.clustered}`,
    ...d.longDetails,
  ],
};
