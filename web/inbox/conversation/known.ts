/**
 * What is known of a dialog's messages, by answers of the server and by the stream of events. An answer that was under way while the
 * stream told something may be from before it: all that was told since it was asked for is applied to it once more.
 */
import { batch as atOnce, type Signal, signal } from '@preact/signals';
import { find, type History, interrupted, NOTHING, withMessage, without, withReactions, withUpdate } from './history.ts';
import type { Message, Reactions } from './message.ts';
import type { Pin } from './pages.ts';

type Told = (known: Known) => void;

export class Known {
  readonly history: Signal<History> = signal(NOTHING);
  readonly pins: Signal<readonly Pin[]> = signal([]);
  #underWay = 0;
  /** What was told since the oldest answer that is under way was asked for. */
  #told: Told[] = [];
  #breaks = 0;
  #isStale = false;
  #endings = 0;

  /**
   * @param take puts the answer in its place, before what was told since is applied to it. Never called where all was forgotten meanwhile
   * @throws whatever the request throws
   */
  async ask<T>(request: () => Promise<T>, take: (answer: T) => unknown): Promise<void> {
    const [endings, breaks, from] = [this.#endings, this.#breaks, this.#told.length];
    this.#underWay += 1;
    try {
      const answer = await request();
      if (endings !== this.#endings) return;
      if (breaks === this.#breaks) this.#place(() => take(answer), this.#told.slice(from));
      else await this.ask(request, take);
    } finally {
      this.#underWay -= 1;
      if (this.#underWay === 0) this.#told = [];
    }
  }

  #place(take: () => unknown, since: readonly Told[]): void {
    atOnce(() => {
      take();
      for (const apply of since) apply(this);
    });
  }

  #tell(apply: Told): void {
    if (this.#underWay > 0) this.#told.push(apply);
    atOnce(() => apply(this));
  }

  arrived(message: Message): void {
    this.#tell(({ history }) => (history.value = withMessage(history.value, message)));
  }

  /** What the server has taken is there, but what it says of it itself is more. */
  sent(message: Message): void {
    this.#tell(({ history }) => {
      if (!find(history.value, message.id)) history.value = withMessage(history.value, message);
    });
  }

  changed(message: Message): void {
    this.#tell(({ history, pins }) => {
      history.value = withUpdate(history.value, message);
      pins.value = pins.value.map((pin) => (pin.message.id === message.id ? { ...pin, message } : pin));
    });
  }

  erased(id: number): void {
    this.#tell(({ history, pins }) => {
      history.value = without(history.value, id);
      pins.value = pins.value.filter(({ message }) => message.id !== id);
    });
  }

  reacted(id: number, reactions: Reactions): void {
    this.#tell(({ history }) => (history.value = withReactions(history.value, id, reactions)));
  }

  /** Whether what is shown may lack what was not told. */
  get isStale(): boolean {
    return this.#isStale;
  }

  /** What comes now takes the place of what may lack something. */
  renew(): void {
    if (this.#isStale) this.history.value = NOTHING;
    this.#isStale = false;
  }

  /** The stream has a gap. Answers that are under way may be from before it, and are asked for again. */
  interrupted(): void {
    this.#breaks += 1;
    this.#isStale = true;
    this.history.value = interrupted(this.history.value);
  }

  /** Nothing is to be seen of it any more, nor of answers that are under way. */
  forget(): void {
    this.#endings += 1;
    this.history.value = NOTHING;
    this.pins.value = [];
  }
}
