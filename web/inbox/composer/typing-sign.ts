/** Tells the others that somebody is writing, now and then while they do. */
import { call } from '../../lib/api.ts';

/** The others take it for ten seconds. */
const EVERY_MS = 6000;

export class TypingSign {
  readonly #dialogId: string;
  #told = -Infinity;

  constructor(dialogId: string) {
    this.#dialogId = dialogId;
  }

  typed(): void {
    const now = performance.now();
    if (now - this.#told < EVERY_MS) return;
    this.#told = now;
    void call('im.dialog.writing', { DIALOG_ID: this.#dialogId }).catch(() => undefined);
  }

  /** Whoever has sent is done, and begins anew with the next. */
  stop(): void {
    this.#told = -Infinity;
  }
}
