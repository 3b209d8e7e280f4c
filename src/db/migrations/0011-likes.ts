import type { Migration } from './migration.ts';

/** Who likes which message. */
export const likes: Migration = {
  id: 11,
  name: 'likes',
  up: (d) => [
    `create table message_like (
      message_id bigint not null, user_id bigint not null, created_at bigint not null,
      primary key (message_id, user_id)) ${d.clustered}`,
  ],
};
