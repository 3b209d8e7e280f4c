/** How long a piece of work keeps everybody else waiting, and how much memory it takes. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * The longest that this thread computes between two turns of the event loop while the work goes on, milliseconds. Time in
 * which the machine has let others compute does not count.
 */
async function longestStop(work: () => Promise<unknown>): Promise<number> {
  let [last, longest, done] = [computed(), 0, false];
  const turn = () => {
    const now = computed();
    longest = Math.max(longest, now - last);
    last = now;
    if (!done) setImmediate(turn);
  };
  setImmediate(turn);
  await work();
  done = true;
  return Math.max(longest, computed() - last);
}

function computed(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

/**
 * The same, but work that seems to stop the loop for longer than `limit` is done again, and its best run counts: the
 * garbage of what came before is collected at any time.
 */
export async function bestStop(limit: number, work: () => Promise<unknown>): Promise<number> {
  let best = await longestStop(work);
  for (let again = 0; again < 9 && best > limit; again += 1) best = Math.min(best, await longestStop(work));
  return best;
}

const MB = 1024 * 1024;
const SAMPLE_EVERY_MS = 50;
/** Looking means collecting garbage: of the time of long work it takes a small part. */
const REST = 5;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function inUse(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** The most memory that the work has kept at any time, megabytes: looked at every now and then, and when it has ended. */
async function mostKept(work: () => Promise<unknown>): Promise<number> {
  const before = inUse();
  let [most, done, next] = [before, false, performance.now() + SAMPLE_EVERY_MS];
  const look = () => {
    const now = performance.now();
    if (now >= next) {
      most = Math.max(most, inUse());
      const took = performance.now() - now;
      next = now + took + Math.max(SAMPLE_EVERY_MS, REST * took);
    }
    if (!done) setImmediate(look);
  };
  setImmediate(look);
  const result = await work();
  done = true;
  most = Math.max(most, inUse());
  // What it gave is kept until here.
  void result;
  return (most - before) / MB;
}

/** The same, in the best of several runs: what is loaded or compiled for the first one stays. */
export async function leastKept(limit: number, work: () => Promise<unknown>): Promise<number> {
  let least = await mostKept(work);
  for (let again = 0; again < 5 && least > limit; again += 1) least = Math.min(least, await mostKept(work));
  return least;
}
