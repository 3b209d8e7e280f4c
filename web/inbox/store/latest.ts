/** Of answers to the same question the one that was asked for last counts, in whatever order they come. */
export class Latest {
  #asked = 0;
  #taken = 0;

  /** @returns whether the answer is to be taken: none that was asked for later has been */
  ask(): () => boolean {
    const mine = ++this.#asked;
    return () => {
      if (mine < this.#taken) return false;
      this.#taken = mine;
      return true;
    };
  }

  /** Something newer has come by itself: answers that are under way are from before it. */
  told(): void {
    this.#taken = ++this.#asked;
  }
}
