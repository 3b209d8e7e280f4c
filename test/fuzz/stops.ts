/** How long a piece of work keeps everybody else waiting, and how much memory it takes. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** The longest that one call may keep the others waiting, milliseconds on a machine of usual speed: what {@link bestStop} gives is compared with it. */
export const LONGEST_STOP_MS = 50;

/** What {@link fixedWork} takes on a machine of usual speed, milliseconds. */
const USUAL_MS = 55;

/** JSON, sorting and texts, as in the server's own work; always as much of them. */
function fixedWork(): number {
  const rows = Array.from({ length: 4000 }, (_, i) => ({ id: (i * 7919) % 4001, title: `Chat ${(i * 104_729) % 3571}`, message: { text: 'words and words '.repeat(4), author: i % 40 }, tags: [i, `t${i % 7}`] }));
  let size = 0;
  for (let round = 0; round < 6; round += 1) {
    const read = JSON.parse(JSON.stringify(rows)) as typeof rows;
    read.sort((a, b) => (a.title < b.title ? -1 : a.title > b.title ? 1 : a.id - b.id));
    size += read.map(({ title, message }) => title.toUpperCase().replaceAll(/[AEIOU]/g, '*') + message.text.split(' ').join('_')).join('').length;
  }
  return size;
}

/** How many times as long as a usual machine this one takes at this moment, in the best of some runs; 1 on a faster one, so that no limit shrinks. */
function slowness(): number {
  const runs = Array.from({ length: 3 }, () => {
    const began = computed();
    fixedWork();
    return computed() - began;
  });
  return Math.max(1, Math.min(...runs) / USUAL_MS);
}

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

/** The same as it would be on a machine of usual speed; where it is short already nobody asks how fast this one is. */
async function usualStop(work: () => Promise<unknown>): Promise<number> {
  const stop = await longestStop(work);
  return stop < LONGEST_STOP_MS ? stop : stop / slowness();
}

/**
 * How long the work keeps everybody else waiting at a time, milliseconds on a machine of usual speed. Work that seems to
 * stop the loop for too long is done again, and its best run counts: the garbage of what came before is collected at any time.
 */
export async function bestStop(work: () => Promise<unknown>): Promise<number> {
  let best = await usualStop(work);
  for (let again = 0; again < 9 && best >= LONGEST_STOP_MS; again += 1) best = Math.min(best, await usualStop(work));
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
