import type { Migration } from './migration.ts';

/** The mark from which the order of stamps goes on after a start: the newest stamp there is. */
export const clock: Migration = {
  id: 3,
  name: 'clock',
  up: () => [
    `create table clock_mark (name varchar(16) primary key, value bigint not null)`,
    `insert into clock_mark (name, value)
      select 'clock', coalesce(max(stamps.at), 0) from (
        select max(created_at) as at from message
        union all select max(bumped_at) from chat
        union all select max(updated_at) from member
        union all select max(updated_at) from "user"
        union all select max(last_activity_at) from "user") as stamps`,
  ],
};
