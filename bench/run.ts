/**
 * `npm run bench`: seeds a store on each engine, runs the server as in production and prints what it does. Everything is
 * measured side by side in one run, because the machine's speed drifts; quote the ratios. `--help` tells the flags.
 */
import { writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Figure, figureTable } from './figures.ts';
import { ask, type Engine, findPostgres, type Home, makeHome } from './home.ts';
import { runServer } from './processes.ts';
import type { Effort, Section } from './section.ts';
import { sections } from './sections/index.ts';
import { openSeeder } from './seed.ts';
import { needWrk } from './wrk.ts';

const HELP = `npm run bench -- [--only NAME,NAME] [--engine sqlite|postgres] [--quick] [--long] [--write]

  --only     sections: ${sections.map(({ name }) => name).join(', ')}
  --engine   measure one engine only
  --quick    shorter, on less data: for the change that one works on
  --long     also what takes minutes: ${sections.filter(({ onlyByName }) => onlyByName).map(({ name }) => name).join(', ')}
  --write    write bench/results.md

Needs wrk; PostgreSQL is found by TIDEMARK_TEST_DATABASE_URL, or started where it is installed.
`;

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' }, engine: { type: 'string', default: '' }, quick: { type: 'boolean', default: false },
    long: { type: 'boolean', default: false }, write: { type: 'boolean', default: false }, help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  process.stdout.write(HELP);
  process.exit(0);
}

const effort: Effort = { quick: values.quick, seconds: values.quick ? 2 : 5 };
const chosen = choose(values.only === '' ? [] : values.only.split(','));
const output: string[] = [];
needWrk();
await measureAll();
if (values.write) {
  const head = '# Measurements\n\nMade by `npm run bench -- --write`. The machine is shared and noisy: quote ratios and medians.\n\n';
  writeFileSync(join(import.meta.dirname, 'results.md'), `${head}${output.join('\n\n')}\n`);
}

/** @throws Error for a name that no section has */
function choose(names: readonly string[]): readonly Section[] {
  const unknown = names.find((name) => !sections.some((section) => section.name === name));
  if (unknown !== undefined) throw new Error(`there is no section ${unknown}\n${HELP}`);
  return sections.filter(({ name, onlyByName }) => (names.length > 0 ? names.includes(name) : !onlyByName || values.long));
}

function print(text: string): void {
  output.push(text);
  process.stdout.write(`${text}\n\n`);
}

async function measureAll(): Promise<void> {
  await using postgres = values.engine === 'sqlite' ? undefined : await findPostgres();
  await using homes = new AsyncDisposableStack();
  const urls = [...(values.engine === 'postgres' ? [] : ['']), ...(postgres ? [postgres.url] : [])];
  const prepared = [];
  for (const url of urls) {
    const home = homes.use(await makeHome(url));
    prepared.push({ home, measures: await prepare(home) });
  }
  print(`Node ${process.version}, ${cpus().length} cores (${cpus()[0]?.model}), ${Math.round(totalmem() / 2 ** 30)} GB${values.quick ? ', quick' : ''}`);
  if (!postgres && values.engine !== 'sqlite') print('PostgreSQL was SKIPPED: there is none here.');
  for (const section of chosen) {
    const columns = new Map<Engine, Figure[]>();
    for (const { home, measures } of prepared) {
      const measure = measures.get(section);
      if (measure) columns.set(home.engine, await measure());
    }
    if (columns.size > 0) print([`## ${section.title}`, ...(section.note ? [section.note] : []), figureTable(columns)].join('\n\n'));
  }
}

/** Seeds all that the sections need before anything is measured; each measures a server of its own. */
async function prepare(home: Home): Promise<Map<Section, () => Promise<Figure[]>>> {
  const seeder = await openSeeder(home);
  const measures = new Map<Section, () => Promise<Figure[]>>();
  for (const section of chosen) {
    if (section.engines && !section.engines.includes(home.engine)) continue;
    const measure = await section.seed(seeder, effort);
    measures.set(section, async () => {
      await using server = await runServer(home, section.flags ? { flags: section.flags } : {});
      return await measure({ ...effort, home, server });
    });
  }
  await seeder.close();
  // So much was never written at once in a portal that people use: its statistics would be there.
  if (home.databaseUrl) await ask(home.databaseUrl, 'vacuum analyze');
  return measures;
}
