/** What becomes of each table when a portal is exported. Every table of the schema has its place here, in the order in which rows may refer to one another. */
import type { Schema } from '../db/schema.ts';
import type { AnyRow } from '../db/stores/table-store.ts';

export interface Exported {
  /** Columns that are not exported, and what an import sets them to. */
  fixed?: AnyRow;
  /** The row as it is written; undefined where it is left out. */
  write?: (row: AnyRow) => AnyRow | undefined;
}

/** Why a table is left out. */
export interface Left {
  left: string;
}

/** What this place in the journal stands for has been passed by whoever has read all there is. */
const END_OF_JOURNAL = { rev: 0, seq: Number.MAX_SAFE_INTEGER };

const whole: Exported = {};
const DERIVED: Left = { left: 'made again of other rows' };
const OWN: Left = { left: 'says something of one database and its servers alone: tokens and pages that they gave out are good only there' };

export const PLAN: Readonly<Record<keyof Schema, Exported | Left>> = {
  // The first: the bytes that are copied are found at the beginning of the file.
  blob: { write: (row) => (row['going_at'] === 0 ? row : undefined) },
  portal: whole,
  sequence: whole,
  clock_mark: whole,
  user: { fixed: { index_version: 0 } },
  password: whole,
  department: whole,
  webhook: whole,
  chat: { fixed: { rev_seen: '' } },
  message: whole,
  gone_message: whole,
  member: whole,
  reminder: whole,
  watch: whole,
  message_reaction: whole,
  message_pin: whole,
  disk_object: whole,
  message_file: whole,
  disk_usage: whole,
  portrait: whole,
  link_preview: whole,
  notification: whole,
  last_search: whole,
  app: whole,
  app_option: whole,
  app_visit: whole,
  oauth_code: whole,
  oauth_token: whole,
  sign_in_link: whole,
  login_session: whole,
  event_handler: whole,
  event_subscriber: whole,
  user_event: whole,
  offline_event: whole,
  delivery: whole,
  rehearsal: whole,
  intake_source: whole,
  intake: whole,
  // Only what is still to be passed on: see `export.ts`.
  journal: whole,
  // All messages are put into the index of texts anew.
  journal_reader: { write: (row) => (row['name'] === 'texts' ? { ...row, ...END_OF_JOURNAL } : row) },
  user_field: DERIVED,
  user_department: DERIVED,
  message_text: DERIVED,
  text_index: DERIVED,
  snapshot: DERIVED,
  generation: OWN,
  tick: OWN,
  walked_page: OWN,
};

/** What is exported, in order. */
export const EXPORTED = Object.entries(PLAN).flatMap(([table, plan]) => ('left' in plan ? [] : [{ table, plan }]));

/** Undefined for what is left out, or is no table here. */
export function planOf(table: string): Exported | undefined {
  const plan = Object.hasOwn(PLAN, table) ? PLAN[table as keyof Schema] : undefined;
  return plan && 'left' in plan ? undefined : plan;
}
