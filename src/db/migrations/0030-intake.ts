import type { Migration } from './migration.ts';

/** What has been brought over from other portals: which number there has become which here. */
export const intake: Migration = {
  id: 30,
  name: 'intake',
  up: (d) => [
    `create table intake_source (id ${d.identity}, address varchar(64) not null unique)`,
    `create table intake (
      source_id bigint not null, kind varchar(16) not null, remote_id bigint not null, local_id bigint not null, chat_id bigint not null,
      primary key (source_id, kind, remote_id)) ${d.clustered}`,
    `create index intake_message on intake (chat_id, source_id, remote_id) where kind = 'message'`,
  ],
};
