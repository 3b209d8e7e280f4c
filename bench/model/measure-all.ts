import { cpus } from 'node:os';
import { findPostgres, makeHome } from '../home.ts';
import type { Coefficients, EngineCoefficients } from './coefficients.ts';
import type { Shape } from './fill.ts';
import { coefficientsOf, measurePoint, SEND_SIZES } from './measure.ts';

/** What the coefficients are measured on. */
export const REFERENCE: Shape = { users: 2000, chats: 30, members: 10, messages: 10, text: 100 };

/** @throws Error where there is no PostgreSQL: half of the coefficients would be old */
export async function measureAll(): Promise<Coefficients> {
  await using postgres = await findPostgres();
  if (!postgres) throw new Error('PostgreSQL is needed');
  const sqlite = await measureOn('');
  const onPostgres = await measureOn(postgres.url);
  // An engine on which no lists are kept would keep the same rows.
  if (onPostgres.kept_row_bytes === 0) onPostgres.kept_row_bytes = sqlite.kept_row_bytes;
  const measured = `${new Date().toISOString().slice(0, 10)}, Node ${process.version}, ${cpus().length} cores (${cpus()[0]?.model})`;
  return { measured, engines: { sqlite, postgres: onPostgres } };
}

async function measureOn(postgresUrl: string): Promise<EngineCoefficients> {
  await using home = await makeHome(postgresUrl);
  return rounded(coefficientsOf(REFERENCE, await measurePoint(home, REFERENCE, Object.values(SEND_SIZES))));
}

/** To four digits: more would pretend. */
function rounded<T>(value: T): T {
  return JSON.parse(JSON.stringify(value, (_, part: unknown) => (typeof part === 'number' ? Number(part.toPrecision(4)) : part))) as T;
}
