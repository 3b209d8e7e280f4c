/** How far a command is. */

/** A bar on standard error, where that is a terminal. */
export async function progress(): Promise<(what: string, done: number, all: number) => void> {
  if (!process.stderr.isTTY) return () => {};
  const { SingleBar } = await import('cli-progress');
  const bar = new SingleBar({ format: '{bar} {percentage}% {what}: {value}/{total}', stream: process.stderr, hideCursor: true });
  let shown = '';
  return (what, done, all) => {
    if (what !== shown) bar.start(all, done, { what });
    else bar.update(done);
    shown = done === all ? '' : what;
    if (done === all) bar.stop();
  };
}
