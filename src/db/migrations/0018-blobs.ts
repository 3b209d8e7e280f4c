import type { Migration } from './migration.ts';

/** What bytes are kept and whether anything refers to them; small pictures of files, people and chats. */
export const blobs: Migration = {
  id: 18,
  name: 'blobs',
  up: (d) => [
    `create table blob (
      name varchar(64) primary key, size bigint not null, unused_at bigint not null, going_at bigint not null) ${d.clustered}`,
    `create index blob_unused on blob (unused_at, name) where unused_at > 0`,
    `create index blob_size on blob (size)`,
    `insert into blob (name, size, unused_at, going_at) select blob, max(size), 0, 0 from disk_object where blob <> '' group by blob`,
    `alter table disk_object add column preview varchar(64) not null default ''`,
    `create index disk_object_preview on disk_object (preview) where preview <> ''`,
    `create table portrait (
      id varchar(32) not null, side bigint not null, blob varchar(64) not null, owner varchar(30) not null, primary key (id, side)) ${d.clustered}`,
    `create index portrait_blob on portrait (blob)`,
    `create index portrait_owner on portrait (owner)`,
  ],
};
