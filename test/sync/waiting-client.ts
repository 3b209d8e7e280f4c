/** A client that always has a call open which waits for the next change, while writers write. */
import type { Node } from './nodes.ts';
import { type Changes, TokenKeeper, type Wait } from './token-clients.ts';

/** The longest that a server lets a call wait. */
export const LONGEST_WAIT_S = 30;

export class WaitingClient extends TokenKeeper {
  readonly kind = 'TOKEN and WAIT';
  readonly #closed = new AbortController();
  #polling: Promise<void> | undefined;
  #answered = Promise.withResolvers<void>();

  /** Once the client has everything a call stays open, until one is refused or the server stops. */
  async sync(node: Node): Promise<void> {
    if (this.#polling) return;
    if (!this.upToDate) return this.askForChanges(node);
    this.#polling = this.#poll(node).finally(() => {
      this.#polling = undefined;
      this.#answered.resolve();
    });
  }

  /** Whatever there is by now is brought by the open call, which waits for nothing else. */
  override async finish(node: Node): Promise<void> {
    while (this.#polling) {
      const { token } = this;
      const next = this.#answered.promise;
      const news = await this.#hasNews(node);
      if (this.token !== token) continue;
      if (!news) return;
      await next;
      if (this.token === token) throw new Error(`${this.owner.name} (${this.owner.id}) has waited for nothing, though there is news after ${token}`);
    }
    await super.finish(node);
  }

  close(): void {
    this.#closed.abort();
  }

  async #poll(node: Node): Promise<void> {
    const life = this.scene.lifeOf(node);
    const wait: Wait = { seconds: LONGEST_WAIT_S, signal: this.#closed.signal };
    try {
      for (let answer: Changes | undefined; (answer = await this.ask<Changes>(node, 'tidemark.recent.changes', wait)); ) {
        this.take(answer);
        this.#answered.resolve();
        this.#answered = Promise.withResolvers();
      }
    } catch (error) {
      if (!this.#closed.signal.aborted && life === this.scene.lifeOf(node)) this.scene.fail(`${this.owner.name} waits`, error);
    }
  }

  /** Asked without waiting and without taking anything. */
  async #hasNews(node: Node): Promise<boolean> {
    const { body } = await this.scene.call(node, this.owner, 'tidemark.recent.changes', { TOKEN: this.token });
    const { items, removed, users, has_more, reset_required } = body.result as Changes;
    return items.length + removed.length + users.length > 0 || has_more || reset_required;
  }
}
