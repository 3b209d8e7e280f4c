import type { Migration } from './migration.ts';

/**
 * Members' rows that nothing has changed since there are revisions, or since a dump was restored, by the date of their change:
 * their revision says nothing about it. It grows smaller with every change. See window-store.ts.
 */
export const oldRows: Migration = {
  id: 15,
  name: 'old rows',
  up: () => ['create index member_old on member (user_id, updated_at, chat_id) where rev <= 0'],
};
