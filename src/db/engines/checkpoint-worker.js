/**
 * Copies the write-ahead log into the database file, away from the event loop: a checkpoint can take 300 ms. Plain
 * JavaScript, because for TypeScript the worker would load a compiler of its own, 30 MB of memory.
 */
import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';

const db = new DatabaseSync(workerData.path, { timeout: workerData.patienceMs });
db.exec('pragma synchronous = normal');
db.exec('pragma wal_autocheckpoint = 0');
const checkpoints = { passive: db.prepare('pragma wal_checkpoint(passive)'), restart: db.prepare('pragma wal_checkpoint(restart)') };

parentPort.on('message', (message) => {
  if (message === 'close') {
    db.close();
    parentPort.close();
    return;
  }
  try {
    const { log, checkpointed } = checkpoints[message].get();
    parentPort.postMessage({ log, checkpointed });
  } catch (error) {
    // What could not be copied stays in the log and is copied the next time.
    parentPort.postMessage({ problem: `${error.message} (SQLite ${error.errcode})` });
  }
});
