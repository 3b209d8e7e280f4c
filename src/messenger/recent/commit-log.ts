/** The last commits of this process: whom they concern, so that a list that none concerns need not ask what has changed. */
import type { Changes } from '../../db/changes.ts';

interface Commit {
  /** Chats that changed for all their members. */
  chats: ReadonlySet<number>;
  /** Users whose own side of a chat changed. */
  sides: readonly number[];
}

/** Commits that are remembered. */
const REMEMBERED = 256;

export class CommitLog {
  /** How many there have been. */
  count = 0;
  /** By their numbers, the newest in the place of the oldest. */
  readonly #commits: Commit[] = [];

  add(changes: Changes): void {
    this.count += 1;
    this.#commits[this.count % REMEMBERED] = { chats: changes.chats, sides: changes.sides() };
  }

  /**
   * The chats that changed for all their members after so many commits; undefined where the user's own side of a chat changed, or
   * that is no longer known.
   */
  chatsSince(count: number, userId: number): number[] | undefined {
    if (count < 0 || this.count - count >= REMEMBERED) return undefined;
    const chats: number[] = [];
    for (let number = count + 1; number <= this.count; number++) {
      const commit = this.#commits[number % REMEMBERED]!;
      if (commit.sides.includes(userId)) return undefined;
      chats.push(...commit.chats);
    }
    return chats;
  }
}
