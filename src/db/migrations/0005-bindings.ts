import type { Migration } from './migration.ts';

/** What handlers and codes were given with, so that nothing that follows from them is more; deliveries by lane. */
export const bindings: Migration = {
  id: 5,
  name: 'bindings',
  up: () => [
    `alter table event_handler add column bound_by bigint not null default 0`,
    `alter table event_handler add column scope text not null default ''`,
    `alter table event_handler add column hops bigint not null default 7`,
    `alter table event_handler add column grant_id varchar(32) not null default ''`,
    `alter table event_handler add column refreshable bigint not null default 1`,
    `alter table event_handler add column ends_at bigint not null default 0`,
    // Handlers from before: bound by their user, else by who installed the application, with all of its scopes.
    `update event_handler set
      bound_by = case when user_id > 0 then user_id else (select created_by from app where app.id = event_handler.app_id) end,
      scope = (select scope from app where app.id = event_handler.app_id)`,
    `create index event_handler_event on event_handler (event)`,
    `create index event_handler_grant on event_handler (grant_id)`,
    `alter table oauth_token add column refreshable bigint not null default 1`,
    `alter table oauth_code add column grant_id varchar(32) not null default ''`,
    `alter table delivery add column chat_id bigint not null default 0`,
    `alter table delivery add column lane varchar(64) not null default ''`,
    // Those from before have a lane for each handler.
    `update delivery set lane = 'handler ' || handler_id`,
    `create index delivery_lane on delivery (lane, next_at, id) where state = 'waiting'`,
    `create index delivery_claimed on delivery (lane) where claimed_until > 0`,
    `create index delivery_finished on delivery (finished_at) where state <> 'waiting'`,
  ],
};
