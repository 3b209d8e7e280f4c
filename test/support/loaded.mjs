// Preloaded into a server: tells on its end which files it has loaded, one a line, in the file that LOADED_FILES names.
import { appendFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { isMainThread } from 'node:worker_threads';

const loaded = [];
registerHooks({
  load(url, context, next) {
    loaded.push(url);
    return next(url, context);
  },
});
if (isMainThread) process.on('exit', () => appendFileSync(process.env.LOADED_FILES, `${loaded.join('\n')}\n`));
