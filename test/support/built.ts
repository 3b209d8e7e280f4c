/** Before the first test of a run: the pages that the server serves, and the server that tests run as a process of its own. */
import { join } from 'node:path';
import { builtServer } from '../../scripts/built.mjs';
import { buildWeb } from '../../scripts/built-web.mjs';

export default function setup(): void {
  const root = join(import.meta.dirname, '..', '..');
  buildWeb(root, process.execPath);
  builtServer(root, process.execPath, join(root, 'src', 'cli.ts'));
}
