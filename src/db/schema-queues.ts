/** Tables of events that are fetched. See schema.ts. */
import type { Generated } from 'kysely';

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
