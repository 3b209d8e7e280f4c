import type { Migration } from './migration.ts';

/** Events that applications fetch; and by which of their exchanges something came about, so that they are not told of what they did themselves. */
export const offlineEvents: Migration = {
  id: 24,
  name: 'offline events',
  up: (d) => [
    `alter table journal add column via ${d.exactText} not null default ''`,
    `alter table event_handler add column offline bigint not null default 0`,
    `alter table event_handler add column connector ${d.exactText} not null default ''`,
    `alter table event_handler add column min_timeout bigint not null default 1`,
    `alter table event_handler add column told_at bigint not null default 0`,
    `create table offline_event (
      id ${d.identity},
      app_id bigint not null references app (id), connector ${d.exactText} not null, event ${d.exactText} not null,
      message_id ${d.exactText} not null, data text not null, user_id bigint not null,
      process_id ${d.exactText} not null, error bigint not null, updated_at bigint not null)`,
    `create index offline_event_queue on offline_event (app_id, connector, updated_at, id)`,
    `create index offline_event_message on offline_event (app_id, connector, message_id)`,
    `create index offline_event_process on offline_event (app_id, process_id) where process_id <> ''`,
    `create index offline_event_old on offline_event (updated_at)`,
  ],
};
