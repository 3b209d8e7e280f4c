import type { Migration } from './migration.ts';

/** Folders and files of people and chats, which messages show which of them, and how much everybody has uploaded. */
export const files: Migration = {
  id: 16,
  name: 'files',
  up: (d) => [
    `create table disk_object (
      id ${d.identity},
      kind varchar(6) not null, storage_id bigint not null, parent_id bigint not null,
      owner_kind varchar(4) not null, owner_id bigint not null,
      name ${d.exactText} not null, blob varchar(64) not null, size bigint not null, type text not null,
      width bigint not null, height bigint not null, shared bigint not null,
      created_by bigint not null, created_at bigint not null, updated_at bigint not null)`,
    `create unique index disk_object_root on disk_object (owner_kind, owner_id) where parent_id = 0`,
    `create index disk_object_parent on disk_object (parent_id, name) where parent_id > 0`,
    `create index disk_object_blob on disk_object (blob) where blob <> ''`,
    `create table message_file (
      message_id bigint not null, file_id bigint not null, place bigint not null,
      primary key (message_id, file_id)) ${d.clustered}`,
    `create index message_file_file on message_file (file_id, message_id)`,
    `create table disk_usage (user_id bigint primary key, bytes bigint not null)`,
  ],
};
