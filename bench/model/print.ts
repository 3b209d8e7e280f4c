/** The prediction for people and for programs. */
import { table } from '../table.ts';
import { type Coefficients, ENGINES } from './coefficients.ts';
import { advise, predict, type Prediction, type Usage } from './model.ts';

function predictions(usage: Usage, coefficients: Coefficients): { sqlite: Prediction; postgres: Prediction } {
  return { sqlite: predict(usage, coefficients, 'sqlite'), postgres: predict(usage, coefficients, 'postgres') };
}

export function reportJson(scales: readonly Usage[], coefficients: Coefficients): string {
  const all = scales.map((usage) => {
    const both = predictions(usage, coefficients);
    return { usage, ...both, advice: advise(both.sqlite, both.postgres) };
  });
  return JSON.stringify({ coefficients: coefficients.measured, scales: all });
}

/** One line for each size of a portal. */
export function summary(scales: readonly Usage[], coefficients: Coefficients): string {
  const lines = scales.map((usage) => {
    const { sqlite, postgres } = predictions(usage, coefficients);
    return [
      short(usage.users), short(sqlite.tables.find(({ table: name }) => name === 'message')!.rows), `${size(sqlite.bytes)} / ${size(postgres.bytes)}`,
      `${size(sqlite.growth)} / ${size(postgres.growth)}`, `${short(sqlite.sendsPerSecond)} / ${short(sqlite.readsPerSecond)}`,
      `${short(sqlite.serverCores)} / ${short(postgres.serverCores)} + ${short(postgres.databaseCores)}`, postgres.largest, advise(sqlite, postgres).join('; '),
    ];
  });
  const heads = ['users', 'messages', 'SQLite / PostgreSQL', 'more a day', 'sends/s / lists/s at most', 'processors: SQLite / PostgreSQL nodes + database', 'largest table', 'run it on'];
  return table(heads, lines);
}

export function report(scales: readonly Usage[], coefficients: Coefficients): string {
  const parts = scales.map((usage) => {
    const both = predictions(usage, coefficients);
    return [
      `## ${short(usage.users)} users`,
      `${usage.chats} chats each of ${usage.members}; ${usage.active * 100} % there on a day, ${usage.messages} messages of ${usage.text} bytes and ${usage.reads} lists each; ${usage.days} days kept`,
      tablesOf(both.sqlite, both.postgres),
      loadOf(both.sqlite, both.postgres),
      `Run it on: ${advise(both.sqlite, both.postgres).join('; ')}.`,
    ].join('\n\n');
  });
  const all = scales.length > 1 ? [summary(scales, coefficients), ...parts] : parts;
  return `${all.join('\n\n')}\n\nCoefficients: ${coefficients.measured}; what is assumed: bench/model/coefficients.ts.\n`;
}

function tablesOf(sqlite: Prediction, postgres: Prediction): string {
  const lines = sqlite.tables.map((own, index) => {
    const other = postgres.tables[index]!;
    return [own.table, short(own.rows), ...[own, other].flatMap(({ bytes, indexBytes, growth }) => [size(bytes), size(indexBytes), size(growth)])];
  });
  const heads = ENGINES.map((engine) => (engine === 'sqlite' ? 'SQLite' : 'PostgreSQL')).flatMap((name) => [name, 'its indexes', 'a day']);
  const total = ['all', '', ...[sqlite, postgres].flatMap(({ bytes, growth }) => [size(bytes), '', size(growth)])];
  return table(['table', 'rows', ...heads], [...lines, total]);
}

function loadOf(sqlite: Prediction, postgres: Prediction): string {
  const line = (name: string, of: (prediction: Prediction) => string) => [name, of(sqlite), of(postgres)];
  return table(['', 'SQLite', 'PostgreSQL'], [
    line('largest table / grows most', ({ largest, growsMost }) => `${largest} / ${growsMost}`),
    line('rows written, statements of a send', ({ perSend }) => `${perSend.rows.toFixed(0)}, ${perSend.statements.toFixed(1)}`),
    line('statements of a list', ({ perRead }) => perRead.statements.toFixed(1)),
    line('sends/s, lists/s in the busiest hour', ({ sendsPerSecond, readsPerSecond }) => `${short(sendsPerSecond)}, ${short(readsPerSecond)}`),
    line('processor seconds a day: server, database', ({ cpuSecondsPerDay: { server, database } }) => `${short(server)}, ${short(database)}`),
    line('processors in the busiest hour: server, database', ({ serverCores, databaseCores }) => `${serverCores.toPrecision(2)}, ${databaseCores.toPrecision(2)}`),
    line('server processes', ({ nodes }) => short(nodes)),
    line('memory for kept lists, all nodes', ({ keptListsBytes }) => size(keptListsBytes)),
  ]);
}

/** Decimal, as disks are sold. */
function size(bytes: number): string {
  if (bytes === 0) return '';
  const unit = Math.min(4, Math.floor(Math.log10(Math.max(bytes, 1)) / 3));
  const value = bytes / 1000 ** unit;
  return `${value >= 100 ? value.toFixed(0) : value.toPrecision(2)} ${['B', 'kB', 'MB', 'GB', 'TB'][unit]}`;
}

function short(value: number): string {
  if (value >= 1e9) return `${(value / 1e9).toPrecision(3)}G`;
  if (value >= 1e6) return `${(value / 1e6).toPrecision(3)}M`;
  if (value >= 1e4) return `${(value / 1e3).toPrecision(3)}k`;
  return value >= 10 ? value.toFixed(0) : value.toPrecision(2);
}
