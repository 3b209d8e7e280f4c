import type { Migration } from './migration.ts';

/** Applications with their tokens, options and events; sign-in; webhooks on hold; rehearsed errors. */
export const applications: Migration = {
  id: 2,
  name: 'applications',
  up: (d) => [
    `alter table webhook add column held bigint not null default 0`,
    `create table app (
      id ${d.identity},
      client_id varchar(64) not null unique, secret_hash varchar(64) not null, title text not null, scope text not null,
      redirect_uri text not null, handler_url text not null, application_token varchar(64) not null,
      version bigint not null, active bigint not null, held bigint not null, user_ids text not null,
      created_by bigint not null, created_at bigint not null, updated_at bigint not null)`,
    `create table oauth_code (
      code_hash varchar(64) primary key, app_id bigint not null references app (id), user_id bigint not null,
      scope text not null, expires_at bigint not null)`,
    `create table oauth_token (
      id ${d.identity},
      grant_id varchar(32) not null,
      access_hash varchar(64) not null unique, refresh_hash varchar(64) not null unique,
      app_id bigint not null references app (id), user_id bigint not null, scope text not null,
      expires_at bigint not null, refresh_expires_at bigint not null, refreshed_at bigint not null,
      hops bigint not null, created_at bigint not null)`,
    `create index oauth_token_grant on oauth_token (grant_id)`,
    `create index oauth_token_old on oauth_token (refresh_expires_at)`,
    `create table password (user_id bigint primary key, hash text not null, changed_at bigint not null)`,
    `create table sign_in_link (
      link_hash varchar(64) primary key, user_id bigint not null, expires_at bigint not null)`,
    `create table login_session (
      session_hash varchar(64) primary key, user_id bigint not null, created_at bigint not null, expires_at bigint not null)`,
    `create index login_session_user on login_session (user_id)`,
    `create table app_option (
      app_id bigint not null references app (id), user_id bigint not null, name varchar(255) not null, value text not null,
      primary key (app_id, user_id, name))`,
    `create table event_handler (
      id ${d.identity},
      app_id bigint not null references app (id), event varchar(64) not null, url varchar(1000) not null,
      user_id bigint not null, created_at bigint not null,
      unique (event, app_id, url, user_id))`,
    `create table occurrence (
      id ${d.identity},
      event varchar(64) not null, user_id bigint not null, hops bigint not null, subject text not null,
      created_at bigint not null)`,
    `create table delivery (
      id ${d.identity},
      app_id bigint not null, handler_id bigint not null, event varchar(64) not null, url text not null,
      user_id bigint not null, hops bigint not null, data text not null,
      state varchar(8) not null, attempts bigint not null, next_at bigint not null, claimed_until bigint not null,
      status bigint not null, problem text not null, created_at bigint not null, finished_at bigint not null)`,
    `create index delivery_waiting on delivery (next_at) where state = 'waiting'`,
    `create index delivery_app on delivery (app_id, id)`,
    `create table rehearsal (
      id ${d.identity},
      webhook_id bigint not null, app_id bigint not null, error varchar(64) not null, method varchar(64) not null,
      remaining bigint not null, per_million bigint not null, delay_ms bigint not null, created_at bigint not null)`,
  ],
};
