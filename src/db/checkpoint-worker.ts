/** Copies the write-ahead log into the database file, away from the event loop: a checkpoint can take 300 ms. */
import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';

export interface CheckpointResult {
  /** Pages in the log, and how many of them are in the database file by now. */
  log: number;
  checkpointed: number;
}

const db = new DatabaseSync((workerData as { path: string }).path, { timeout: 0 });
db.exec('pragma synchronous = normal');
db.exec('pragma wal_autocheckpoint = 0');
const checkpoint = db.prepare('pragma wal_checkpoint(passive)');

parentPort?.on('message', (message: 'checkpoint' | 'close') => {
  if (message === 'close') {
    db.close();
    parentPort?.close();
    return;
  }
  const row = checkpoint.get() as unknown as CheckpointResult;
  parentPort?.postMessage({ log: row.log, checkpointed: row.checkpointed } satisfies CheckpointResult);
});
