import type { Migration } from './migration.ts';

/** What a chat's owner has set of who may do what in it; chats from before keep what their kind says. */
export const permissions: Migration = {
  id: 10,
  name: 'permissions',
  up: () => [`alter table chat add column permissions text not null default ''`],
};
