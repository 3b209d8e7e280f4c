import type { Migration } from './migration.ts';

/** The dialogs that users have found and opened: a person by their number, any other chat by its own. */
export const lastSearches: Migration = {
  id: 14,
  name: 'last searches',
  up: (d) => [
    `create table last_search (
      user_id bigint not null, kind varchar(4) not null, item_id bigint not null, at bigint not null,
      primary key (user_id, kind, item_id)) ${d.clustered}`,
  ],
};
