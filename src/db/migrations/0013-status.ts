import type { Migration } from './migration.ts';

/** What users say of themselves: a status, and since when they have been idle. */
export const status: Migration = {
  id: 13,
  name: 'status',
  up: () => [
    `alter table "user" add column status varchar(16) not null default ''`,
    `alter table "user" add column idle_at bigint not null default 0`,
  ],
};
