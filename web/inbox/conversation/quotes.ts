/** Messages that are answered, but lie outside of what is loaded. */
import { batch as atOnce } from '@preact/signals';
import { type Message, toMessage } from './message.ts';
import { type Page, pagesAt } from './pages.ts';

export class Quotes {
  readonly #dialogId: string;
  readonly #come: (page: Page) => void;
  readonly #known = new Map<number, Message | undefined>();

  /** @param come told of the page on which one has come */
  constructor(dialogId: string, come: (page: Page) => void) {
    this.#dialogId = dialogId;
    this.#come = come;
  }

  /** Undefined until it has come, which is asked for once. */
  of(id: number): Message | undefined {
    if (!this.#known.has(id)) void this.#fetch(id);
    return this.#known.get(id);
  }

  async #fetch(id: number): Promise<void> {
    this.#known.set(id, undefined);
    const { newer } = await pagesAt(this.#dialogId, id, 1).catch(() => ({ newer: undefined }));
    const wire = newer?.messages.find((message) => message.id === id);
    if (!newer || !wire) return;
    atOnce(() => {
      this.#known.set(id, toMessage(wire));
      this.#come(newer);
    });
  }
}
