import type { Migration } from './migration.ts';

/**
 * The index of messages by parts of their texts, and how far it goes. It is kept by a reader of the journal, which begins with
 * what comes after this; what is there already goes in afterwards, the newest first. See src/db/indexing.ts.
 */
export const texts: Migration = {
  id: 19,
  name: 'texts',
  up: (d) => [
    ...d.texts,
    `insert into journal_reader (name, rev, seq) select 'texts', token - 1, 9007199254740991 from snapshot`,
    `create table text_index (name varchar(32) primary key, floor bigint not null, holder varchar(64) not null, held_until bigint not null)`,
    // Later than the reader's place: what is committed in between is in both.
    `insert into text_index (name, floor, holder, held_until) select 'texts', coalesce(max(id), 0) + 1, '', 0 from message`,
  ],
};
