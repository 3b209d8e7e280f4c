/** Everything that is stored, to see that something changed nothing. */
import type { Database } from '../../src/db/database.ts';
import type { Schema } from '../../src/db/schema.ts';

/** What calls move by themselves: who was active when, and how often a rehearsal is still to happen. */
const MOVING: Partial<Record<keyof Schema, readonly string[]>> = {
  user: ['last_activity_at'],
  webhook: ['last_used_at'],
  event_subscriber: ['fetched_at'],
  rehearsal: ['remaining'],
};

/** The clock's mark, the ticks, what has been read of the journal, what is found by its text which pages were given and what was uploaded in vain move, whatever becomes of calls. */
const TABLES: Record<Exclude<keyof Schema, 'clock_mark' | 'tick' | 'snapshot' | 'journal_reader' | 'walked_page' | 'blob' | 'message_text' | 'text_index'>, true> = {
  portal: true, user: true, user_field: true, user_department: true, department: true, webhook: true, chat: true, message: true,
  gone_message: true, portrait: true, message_reaction: true, message_pin: true, link_preview: true, notification: true, last_search: true, member: true, reminder: true,
  disk_object: true, message_file: true, disk_usage: true,
  sequence: true, app: true, oauth_code: true, oauth_token: true, password: true, sign_in_link: true, login_session: true,
  app_option: true, app_visit: true, event_handler: true, delivery: true, event_subscriber: true, user_event: true, offline_event: true, rehearsal: true, intake_source: true, intake: true,
  journal: true, generation: true, watch: true,
};

export type Dump = Record<string, string[]>;

/** Rows of all tables as JSON, in no order that matters. */
export function dump(db: Database): Promise<Dump> {
  return db.read(async (s) => {
    const rows: Dump = {};
    for (const table of Object.keys(TABLES) as Array<keyof typeof TABLES>) {
      const found = await s.query((q) => q.selectFrom(table).selectAll());
      const columns = Object.keys(found[0] ?? {}).filter((column) => !MOVING[table]?.includes(column)).sort() as Array<keyof (typeof found)[number]>;
      rows[table] = found.map((row) => JSON.stringify(columns.map((column) => [column, row[column]]))).sort();
    }
    return rows;
  });
}
