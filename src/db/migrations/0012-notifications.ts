import type { Migration } from './migration.ts';

/** What users are told outside of chats. */
export const notifications: Migration = {
  id: 12,
  name: 'notifications',
  up: (d) => [
    `create table notification (
      id ${d.identity},
      user_id bigint not null, author_id bigint not null, creator_id bigint not null, type bigint not null,
      client ${d.exactText} not null, tag ${d.exactText} not null, sub_tag ${d.exactText} not null,
      text text not null, params text not null, buttons text not null,
      unread bigint not null, created_at bigint not null)`,
    `create index notification_user on notification (user_id, id)`,
    `create index notification_unread on notification (user_id) where unread = 1`,
    `create index notification_tag on notification (client, tag) where tag <> ''`,
    `create index notification_sub_tag on notification (client, sub_tag) where sub_tag <> ''`,
  ],
};
