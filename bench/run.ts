/**
 * `npm run bench [-- section …] [--write]`: seeds a store, runs the server as in production and prints what it does.
 * Everything is measured side by side in one run, because the machine's speed drifts; quote the ratios.
 */
import { writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { crowd } from './crowd.ts';
import { engines } from './engines.ts';
import { makeHome } from './home.ts';
import { sections } from './sections.ts';
import { packings } from './packings.ts';
import { openSeeder } from './seed.ts';
import { runServer } from './processes.ts';

const wanted = process.argv.slice(2).filter((arg) => /^\d$/.test(arg)).map(Number);
/** In the order in which the results list them. */
const all = [...sections, crowd, packings, engines];
const chosen = all.filter((_, index) => wanted.length === 0 || wanted.includes(index + 1));
const home = await makeHome();
const output: string[] = [];

function print(text: string): void {
  output.push(text);
  process.stdout.write(`${text}\n`);
}

try {
  const seeder = await openSeeder(home);
  const prepared = [];
  for (const section of chosen) prepared.push(await section.seed(seeder));
  await seeder.close();
  print(`Node ${process.version}, ${cpus().length} cores (${cpus()[0]?.model}), ${Math.round(totalmem() / 2 ** 30)} GB, SQLite`);
  for (const measure of prepared) {
    await using server = await runServer(home);
    print(await measure(server, home.folder));
  }
} finally {
  await home[Symbol.asyncDispose]();
}

if (process.argv.includes('--write')) {
  const head = '# Measurements\n\nMade by `npm run bench -- --write`. The machine is shared and noisy: quote ratios and medians.\n\n';
  writeFileSync(join(import.meta.dirname, 'results.md'), `${head}${output.join('\n\n')}\n`);
}
