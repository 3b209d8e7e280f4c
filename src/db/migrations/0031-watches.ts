import type { Migration } from './migration.ts';

/** Who looks into chats that they are no members of, and until when. Looked for by chat whenever something happens there, by user when one renews. */
export const watches: Migration = {
  id: 31,
  name: 'watches',
  up: (d) => [
    `create table watch (
      chat_id bigint not null, kind text not null, user_id bigint not null, expires_at bigint not null,
      primary key (chat_id, kind, user_id)) ${d.clustered}`,
    `create index watch_user on watch (user_id, expires_at)`,
  ],
};
