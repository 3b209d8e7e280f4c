/** How far a command has come. */

export interface Progress {
  /** Told of something that is done how much of it is, out of how much. */
  watch(this: void, what: string, done: number, all: number): void;
  /** Told why nothing goes on for a while. */
  waiting(this: void, why: string): void;
  /** It is over, however. */
  stop(this: void): void;
}

/** A bar on standard error, where that is a terminal. */
export async function progressBar(): Promise<Progress> {
  if (!process.stderr.isTTY) return { watch() {}, waiting() {}, stop() {} };
  const { SingleBar } = await import('cli-progress');
  const bar = new SingleBar({ format: '{bar} {percentage}% {what}: {value}/{total} {why}', stream: process.stderr, hideCursor: true });
  let shown = '';
  return {
    watch(what, done, all) {
      if (what === shown) bar.setTotal(all);
      else bar.start(all, done, { what, why: '' });
      bar.update(done, { what, why: '' });
      shown = done === all ? '' : what;
      if (done === all) bar.stop();
    },
    waiting(why) {
      if (shown !== '') bar.update({ why: `(waiting: ${why})` });
    },
    stop: () => bar.stop(),
  };
}
