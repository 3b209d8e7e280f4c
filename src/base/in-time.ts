/** Something took longer than it may. */
export class Late extends Error {
  override name = 'Late';
}

/**
 * What work resolves to, if it does so in time; whatever it ends with later is nobody's matter any more.
 *
 * @throws Late after so many milliseconds
 */
export async function inTime<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Late(`no answer within ${ms} ms`)), ms);
  });
  work.catch(() => {});
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
