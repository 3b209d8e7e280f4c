import type { Migration } from './migration.ts';

/** The pages of im.recent.list that were given, so that the next one goes on where one of them ended, whichever node gives it. */
export const walks: Migration = {
  id: 9,
  name: 'walks',
  up: (d) => [
    `create table walked_page (
      id ${d.identity},
      user_id bigint not null, filters bigint not null, walk bigint not null, size bigint not null, closed bigint not null,
      next_offset bigint, second bigint,
      pinned bigint not null, at bigint not null, chat_id bigint not null,
      token bigint not null, seen text not null, chats text not null, ended text not null,
      given_at bigint not null)`,
    `create index walked_page_offset on walked_page (user_id, filters, next_offset)`,
    `create index walked_page_second on walked_page (user_id, filters, second) where second is not null`,
  ],
};
