/** How far a command has come. */

/** Told of something that is done how much of it is, out of how much. */
export type Progress = (what: string, done: number, all: number) => void;

/** A bar on standard error, where that is a terminal. */
export async function progressBar(): Promise<Progress> {
  if (!process.stderr.isTTY) return () => {};
  const { SingleBar } = await import('cli-progress');
  const bar = new SingleBar({ format: '{bar} {percentage}% {what}: {value}/{total}', stream: process.stderr, hideCursor: true });
  let shown = '';
  return (what, done, all) => {
    if (what === shown) bar.setTotal(all);
    else bar.start(all, done, { what });
    bar.update(done, { what });
    shown = done === all ? '' : what;
    if (done === all) bar.stop();
  };
}
