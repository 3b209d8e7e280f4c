import type { Migration } from './migration.ts';

/**
 * Chats whose last change is on the chat alone and not yet in the members' rows. Few are warm at a time: the index is as
 * small as they are few. See docs/architecture.md.
 */
export const warm: Migration = {
  id: 8,
  name: 'warm',
  up: (d) => [
    `alter table chat add column warm bigint not null default 0`,
    `alter table chat add column rev_seen text not null default ''`,
    `create index chat_warm on chat (id) where warm = 1`,
    ...d.folding,
  ],
};
