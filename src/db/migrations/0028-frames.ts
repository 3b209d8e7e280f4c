import type { Migration } from './migration.ts';

/** Where applications open inside the portal, whether they are installed, and who has opened which. Those from before have no such page. */
export const frames: Migration = {
  id: 28,
  name: 'frames',
  up: (d) => [
    `alter table app add column page_url text not null default ''`,
    `alter table app add column install_url text not null default ''`,
    `alter table app add column installed bigint not null default 1`,
    `create table app_visit (
      app_id bigint not null references app (id), user_id bigint not null,
      primary key (app_id, user_id)) ${d.clustered}`,
  ],
};
