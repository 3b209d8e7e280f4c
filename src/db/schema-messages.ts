/** The tables of what stands beside messages. */
import type { Generated } from 'kysely';

export interface MessageReactionTable {
  message_id: number;
  user_id: number;
  /** A code such as `like`. */
  reaction: string;
  created_at: number;
}

export interface MessagePinTable {
  chat_id: number;
  message_id: number;
  /** Who has pinned it. */
  user_id: number;
  created_at: number;
}

/** What a link leads to, as it was when somebody last looked. */
export interface LinkPreviewTable {
  id: Generated<number>;
  url: string;
  /** Empty where the page could not be read, or says nothing of itself; so are the others. */
  title: string;
  description: string;
  /** Address of a picture. */
  image: string;
  looked_at: number;
}
