/** The last commits of this process: whom they concern, so that a list that none concerns need not ask what has changed. */
import type { Changes } from '../../db/changes.ts';
import type { ChangedRow } from '../../db/stores/change-store.ts';

interface Commit {
  /** 0 where it has no entry in the journal: its number is another's too. */
  rev: number;
  /** Chats that changed for all their members. */
  chats: ReadonlySet<number>;
  /** Users' own sides of chats that changed. */
  sides: ReadonlyArray<{ userId: number; chatId: number }>;
}

/** Commits that are remembered. */
const REMEMBERED = 256;

export class CommitLog {
  /** How many there have been. */
  count = 0;
  /** By their numbers, the newest in the place of the oldest. */
  readonly #commits: Commit[] = [];

  /** Commits up to this one tell nothing: after it somebody else has written. */
  #unknown = 0;

  add(changes: Changes): void {
    this.count += 1;
    if (changes.everything) this.#unknown = this.count;
    this.#commits[this.count % REMEMBERED] = { rev: changes.dated ? changes.rev : 0, chats: changes.chats, sides: changes.sides() };
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
      if (commit.sides.some((side) => side.userId === userId)) return undefined;
      chats.push(...commit.chats);
    }
    return chats;
  }

  /** The token that follows all that is known; undefined where that is nothing. */
  get token(): number | undefined {
    for (let number = this.count; number > this.#forgotten; number--) {
      const { rev } = this.#commits[number % REMEMBERED]!;
      if (rev > 0) return rev + 1;
    }
    return undefined;
  }

  get #forgotten(): number {
    return Math.max(this.#unknown, this.count - REMEMBERED);
  }

  /**
   * What the revisions from one token up to another have changed: for all members of a chat, which may be one that the user is not
   * in, and of the user's own sides. Undefined where one of these revisions is not known, or is another process's.
   */
  between(since: number, token: number, userId: number): { shared: ChangedRow[]; own: ChangedRow[] } | undefined {
    const shared: ChangedRow[] = [];
    const own: ChangedRow[] = [];
    let known = token;
    const forgotten = this.#forgotten;
    for (let number = this.count; number > forgotten; number--) {
      const { rev, chats, sides } = this.#commits[number % REMEMBERED]!;
      if (rev === 0 || rev >= token) continue;
      if (rev < since) return known === since ? { shared, own } : undefined;
      if (rev < known - 1) return undefined;
      known = rev;
      for (const chatId of chats) shared.push({ chatId, rev, live: true });
      for (const side of sides) if (side.userId === userId) own.push({ chatId: side.chatId, rev, live: false });
    }
    return known === since && forgotten === 0 ? { shared, own } : undefined;
  }
}
