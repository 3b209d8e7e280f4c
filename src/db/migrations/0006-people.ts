import type { Migration } from './migration.ts';

/**
 * What people are found by, and the departments. The rows of users who were there before are written right after the
 * migrations (`refillUserIndex`): SQL alone cannot fold Cyrillic.
 */
export const people: Migration = {
  id: 6,
  name: 'people',
  up: (d) => [
    `alter table "user" add column index_version bigint not null default 0`,
    `create index user_kind on "user" (external_auth_id, extranet, active)`,
    `create table user_field (
      field varchar(64) not null, user_id bigint not null, value ${d.exactText} not null,
      primary key (field, user_id)) ${d.clustered}`,
    `create index user_field_value on user_field (field, substr(value, 1, 100))`,
    `create index user_field_user on user_field (user_id)`,
    `create table user_department (
      user_id bigint not null, department_id bigint not null, primary key (user_id, department_id)) ${d.clustered}`,
    `create index user_department_users on user_department (department_id, user_id)`,
    `create table department (
      id ${d.identity},
      name ${d.exactText} not null, name_key ${d.exactText} not null, sort bigint not null,
      parent_id bigint not null, head_id bigint not null, created_at bigint not null)`,
    `create index department_parent on department (parent_id)`,
  ],
};
