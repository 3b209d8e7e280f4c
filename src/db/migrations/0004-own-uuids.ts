import type { Migration } from './migration.ts';

/** A client's id of a send is its own and the chat's; a user's pins are found among many chats, and never too many. */
export const ownUuids: Migration = {
  id: 4,
  name: 'own-uuids',
  up: () => [
    `alter table message add column sender_id bigint not null default 0`,
    `update message set sender_id = author_id where uuid is not null`,
    `drop index message_uuid`,
    `create unique index message_uuid on message (uuid, chat_id, sender_id) where uuid is not null`,
    `create index member_pinned on member (user_id, chat_id) where pinned = 1`,
    `update member set pinned = 0 where pinned = 1 and (user_id, chat_id) in (
      select user_id, chat_id from (
        select user_id, chat_id, row_number() over (partition by user_id order by sort_at desc, chat_id desc) as place
        from member where pinned = 1) as pins
      where place > 45)`,
  ],
};
