/** Before the first test of a run: the pages that the server serves. */
import { join } from 'node:path';
import { buildWeb } from '../../scripts/built-web.mjs';

export default function setup(): void {
  buildWeb(join(import.meta.dirname, '..', '..'), process.execPath);
}
