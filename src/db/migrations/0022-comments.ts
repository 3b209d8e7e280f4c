import type { Migration } from './migration.ts';

/** A post has one thread of comments, and a channel's threads are found by it. */
export const comments: Migration = {
  id: 22,
  name: 'comments',
  up: () => [`create unique index chat_thread on chat (parent_chat_id, parent_message_id) where parent_message_id > 0`],
};
