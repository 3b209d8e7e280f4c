/** What is made while it is taken: pieces that rest on something which is held only as long as somebody takes them. */

/** Whoever took the pieces was too slow: what they are made of is let go. */
export class TakenTooSlowly extends Error {
  override name = 'TakenTooSlowly';

  constructor() {
    super('the pieces were not taken in time');
  }
}

/** How long the next piece may not be asked for, and how long in all, milliseconds. */
export interface Patience {
  once: number;
  all: number;
}

/** Something that is held until it is let go. */
export interface Held<H> {
  held: H;
  /** From now on it must not be used. @param error why it could not be used to the end */
  letGo(error?: unknown): void;
}

/** @param hold lends what is held until the work on it has ended */
export function holdOpen<H>(hold: (work: (held: H) => Promise<void>) => Promise<void>): Promise<Held<H>> {
  const end = Promise.withResolvers<void>();
  const letGo = (error?: unknown): void => (error === undefined ? end.resolve() : end.reject(error));
  return new Promise((resolve, reject) => {
    hold((held) => {
      resolve({ held, letGo });
      return end.promise;
    }).catch(reject);
  });
}

/**
 * The pieces, as they are asked for. What they are made of is let go when they are over, fail, or are no longer wanted; and
 * when the next one is not asked for in time.
 *
 * @throws TakenTooSlowly
 */
export async function* whileTaken<T>({ letGo }: Pick<Held<unknown>, 'letGo'>, pieces: AsyncIterable<T>, patience: Patience): AsyncGenerator<T> {
  let left = patience.all;
  let slow: TakenTooSlowly | undefined;
  const giveUp = (): void => letGo((slow = new TakenTooSlowly()));
  try {
    for await (const piece of pieces) {
      const began = performance.now();
      const timer = setTimeout(giveUp, Math.max(0, Math.min(left, patience.once)));
      try {
        yield piece;
      } finally {
        clearTimeout(timer);
      }
      left -= performance.now() - began;
      if (slow) throw slow;
    }
  } catch (error) {
    letGo(error);
    throw error;
  } finally {
    letGo();
  }
}
