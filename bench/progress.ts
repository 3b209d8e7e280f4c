const WIDTH = 30;

/** A progress bar on standard error; on a terminal it redraws itself, elsewhere it says when it is done. */
export class Progress {
  readonly #label: string;
  readonly #total: number;

  constructor(label: string, total: number) {
    this.#label = label;
    this.#total = total;
  }

  at(done: number): void {
    const finished = done >= this.#total;
    if (!process.stderr.isTTY && !finished) return;
    const filled = Math.round((WIDTH * done) / this.#total);
    const bar = '#'.repeat(filled) + '.'.repeat(WIDTH - filled);
    process.stderr.write(`${process.stderr.isTTY ? '\r' : ''}[${bar}] ${done}/${this.#total} ${this.#label}${finished ? '\n' : ''}`);
  }
}
