/**
 * `npm run bench [-- section …] [--write]`: seeds a store, runs the server as in production and prints what it does.
 * Everything is measured side by side in one run, because the machine's speed drifts; quote the ratios.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { sections } from './sections.ts';
import { openSeeder } from './seed.ts';
import { runServer } from './processes.ts';

const wanted = process.argv.slice(2).filter((arg) => /^\d$/.test(arg)).map(Number);
const chosen = sections.filter((_, index) => wanted.length === 0 || wanted.includes(index + 1));
const folder = mkdtempSync(join(tmpdir(), 'tidemark-bench-'));
const output: string[] = [];

function print(text: string): void {
  output.push(text);
  process.stdout.write(`${text}\n`);
}

try {
  const seeder = await openSeeder(folder);
  const prepared = [];
  for (const section of chosen) prepared.push(await section.seed(seeder));
  await seeder.close();
  print(`Node ${process.version}, ${cpus().length} cores (${cpus()[0]?.model}), ${Math.round(totalmem() / 2 ** 30)} GB, SQLite`);
  for (const measure of prepared) {
    await using server = await runServer(folder);
    print(await measure(server, folder));
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

if (process.argv.includes('--write')) {
  const head = '# Measurements\n\nMade by `npm run bench -- --write`. The machine is shared and noisy: quote ratios and medians.\n\n';
  writeFileSync(join(import.meta.dirname, 'results.md'), `${head}${output.join('\n\n')}\n`);
}
