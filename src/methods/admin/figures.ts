/** What this server is busy with. */
import { z } from 'zod';
import { int as number } from '../../messenger/views/scalars.ts';
import { int } from '../../rest/params.ts';
import { adminMethod } from './kit.ts';

const figure = (text: string) => z.number().nullable().describe(text);

const sampleShape = z.strictObject({
  at: number.describe('Milliseconds since 1970'),
  requests: figure('REST calls a second'), errors: figure('Those with a status of 400 or more'),
  p50: figure('Milliseconds in which half of the calls were answered'), p99: figure('The same of 99 in 100'),
  pushes: figure('What was told to open connections, a second'), live: figure('Connections that are told of changes'), connections: figure('All open connections'),
  statements: figure('Statements in the database, a second'), round_trips: figure('How often the database server was waited for, a second'),
  retries: figure('Units of work that ran again because of another writer, a second'), unit_ms: figure('Milliseconds of a unit of work, on average'),
  database_bytes: figure('Size of the database'),
  lists: figure('Lists kept in memory'), lists_bytes: figure('Memory that they take'), lists_budget: figure('Memory that they may take'),
  hit_rate: figure('Share of the lists that came out of memory'),
  memory: figure('Memory of the process, bytes'), heap: figure('Of scripts\' own'), external: figure('Of buffers'), calls_bytes: figure('Of the last calls, about'),
  processor: figure('Processors kept busy'),
});

const get = adminMethod({
  name: 'tidemark.figures.get',
  summary: 'What this server has been busy with in the last five minutes, in samples of two seconds. It looks only while somebody asks, so the first answer has one sample',
  params: { SINCE: int({ description: 'Only samples after this time, milliseconds since 1970', min: 0 }) },
  result: z.strictObject({ node: z.string(), engine: z.enum(['sqlite', 'postgres']), samples: z.array(sampleShape) }),
  errors: {},
  async run({ context: { figures, messenger: m, node }, params }) {
    const samples = await figures.since(params.SINCE ?? 0);
    return { node, engine: m.db.engine, samples: samples.map(({ at, values }) => ({ at, ...finite(values) })) as Array<z.input<typeof sampleShape>> };
  },
});

/** What cannot be known is null. */
function finite(values: Readonly<Record<string, number>>): Record<string, number | null> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, Number.isFinite(value) ? Math.round(value * 1000) / 1000 : null]));
}

export const figureMethods = [get];
