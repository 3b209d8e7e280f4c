import type { Migration } from './migration.ts';

/** How many bytes the files of a chat have is read by whoever looks at all chats. */
export const chatFiles: Migration = {
  id: 29,
  name: 'chat files',
  up: () => [`create index disk_object_owner on disk_object (owner_kind, owner_id, size) where kind = 'file'`],
};
