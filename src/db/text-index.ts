import type { Session, WriteSession } from './session.ts';

/** A message and what it is found by. */
export interface IndexedText {
  id: number;
  chatId: number;
  grams: Iterable<number>;
}

/** Messages to look for. */
export interface TextLook {
  /** What all of them have; at least one. */
  grams: readonly number[];
  /** Only of this chat. */
  chatId?: number | undefined;
  /** Ids from this one on, and below that one. */
  from: number;
  below: number;
  descending: boolean;
  limit: number;
}

/**
 * An index of messages by parts of their texts, kept by an engine in its own way. It may find more than it should, never
 * less than was put in; whoever asks reads what was found.
 */
export interface TextIndex {
  /** Puts texts in, in the place of what was there under their ids. */
  put(s: WriteSession, texts: readonly IndexedText[]): Promise<void>;
  remove(s: WriteSession, ids: readonly number[]): Promise<void>;
  /** Keeps the index quick to read, a few milliseconds of work at a time. */
  tidy(s: WriteSession): Promise<void>;
  /** The first ids, in their order, of what may be meant. Its work grows with the ids between the two bounds. */
  find(s: Session, look: TextLook): Promise<number[]>;
}
