/** Tables of events that are fetched. See schema.ts. */
import type { Generated } from 'kysely';
import type { Flag } from './flag.ts';

/** A user whose events are recorded. */
export interface EventSubscriberTable {
  user_id: number;
  /** Recorded is what has this revision or a higher one. */
  rev: Generated<number>;
  /** When they were last fetched, give or take an hour. */
  fetched_at: number;
}

/** An event of a chat as one of its members could see it. */
export interface UserEventTable {
  id: Generated<number>;
  user_id: number;
  /** In capital letters. */
  type: string;
  chat_id: number;
  /** 0 where it is about none. */
  message_id: number;
  /** JSON. */
  data: string;
  created_at: number;
}

/** What an application is to fetch: the same thing that happens again is the same row. */
export interface OfflineEventTable {
  id: Generated<number>;
  app_id: number;
  /** See {@link EventHandlerTable}. */
  connector: string;
  /** In capital letters. */
  event: string;
  /** MD5 of the event and its data, hexadecimal. */
  message_id: string;
  /** JSON. */
  data: string;
  /** Whose action it was; 0 for nobody's. */
  user_id: number;
  /** Whoever has reserved it; empty for nobody. */
  process_id: string;
  /** Whoever had it reserved could not process it. */
  error: Flag;
  /** When it last happened. */
  updated_at: number;
}
