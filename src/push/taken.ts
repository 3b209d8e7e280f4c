import type { Writable } from 'node:stream';

/** What is written here leaves by a connection. */
type Written = Pick<Writable, 'writableNeedDrain' | 'destroyed' | 'once' | 'off'>;

/** Resolves once the peer has taken most of what was written, or is gone. */
export function taken(written: Written): Promise<void> {
  if (!written.writableNeedDrain || written.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      written.off('drain', done).off('close', done);
      resolve();
    };
    written.once('drain', done).once('close', done);
  });
}
