import type { Migration } from './migration.ts';

/** Members by how they stand in a chat: who leads it, and who comes next when its owner leaves, are found without a look at all of them. */
export const standing: Migration = {
  id: 32,
  name: 'standing',
  up: () => [`create index member_standing on member (chat_id, role desc, joined_at, user_id) where left_at = 0`],
};
