/** Holds the model against portals of sizes and chats that the coefficients were not measured on. */
import { findPostgres, makeHome } from '../home.ts';
import { table, verdict } from '../table.ts';
import type { Coefficients, Cost, Engine, EngineCoefficients } from './coefficients.ts';
import { type Shape, usageOf } from './fill.ts';
import { measurePoint, type Point } from './measure.ts';
import { costOfSend, tableSizes } from './model.ts';
import type { Sizes } from './sizes.ts';

/** How far the model may be off. */
export const WITHIN = 0.3;

const POINTS: ReadonlyArray<{ shape: Shape; sends: readonly number[] }> = [
  { shape: { users: 1200, chats: 40, members: 4, messages: 6, text: 40 }, sends: [4, 101] },
  { shape: { users: 3000, chats: 10, members: 50, messages: 100, text: 250 }, sends: [50, 1000] },
];

interface Line {
  what: string;
  model: number;
  measured: number;
  unit: string;
}

/** Prints model and measurement beside each other. @returns whether all are near enough */
export async function check(coefficients: Coefficients): Promise<boolean> {
  await using postgres = await findPostgres();
  let near = true;
  for (const engine of ['sqlite', ...(postgres ? ['postgres' as const] : [])] as Engine[]) {
    for (const { shape, sends } of POINTS) {
      await using home = await makeHome(engine === 'sqlite' ? '' : postgres!.url);
      const point = await measurePoint(home, shape, sends);
      const lines = [...sizeLines(shape, point.sizes, coefficients.engines[engine]), ...costLines(point, coefficients.engines[engine])];
      process.stdout.write(`\n## ${engine}: ${JSON.stringify(shape)}\n\n${print(lines)}\n`);
      near &&= lines.every(isNear);
    }
  }
  process.stdout.write(`\n${verdict(near, `model and measurement within ${WITHIN * 100} %`)}\n`);
  return near;
}

/** Bytes of the tables that make up a portal, and of the whole database. */
export function sizeLines(shape: Shape, sizes: Sizes, coefficients: EngineCoefficients): Line[] {
  const predicted = tableSizes(usageOf(shape), coefficients).filter(({ table: name }) => (sizes[name]?.rows ?? 0) > 0);
  const each = predicted.map(({ table: name, bytes, indexBytes }) => ({
    what: `${name} with its indexes`, model: bytes + indexBytes, measured: sizes[name]!.bytes + sizes[name]!.indexBytes, unit: 'bytes',
  }));
  const all = (pick: (line: Line) => number) => each.reduce((sum, line) => sum + pick(line), 0);
  const whole = Object.values(sizes).reduce((sum, { bytes, indexBytes }) => sum + bytes + indexBytes, 0);
  return [...each, { what: 'all of the database', model: all(({ model }) => model), measured: whole, unit: 'bytes' }];
}

/** The time of processors, and statements: the sum of both processes, as one of them may be nothing. */
function costLines(point: Point, coefficients: EngineCoefficients): Line[] {
  const pairs: Array<[string, Cost, Cost]> = [
    ...[...point.sends].map(([members, cost]) => [`a send to ${members}`, costOfSend(coefficients, members), cost] as [string, Cost, Cost]),
    ['an unchanged list', coefficients.get_unchanged, point.get_unchanged],
    ['a changed list', coefficients.get_changed, point.get_changed],
    ['a page', coefficients.page, point.page],
  ];
  return pairs.flatMap(([what, model, measured]) => [
    { what, model: model.statements, measured: measured.statements, unit: 'statements' },
    { what, model: model.server + model.database, measured: measured.server + measured.database, unit: 'ms of a processor' },
  ]);
}

/** Fractions of a statement or of a hundredth of a millisecond are noise. */
export function isNear({ model, measured, unit }: Line): boolean {
  const least = unit === 'statements' ? 0.5 : unit === 'bytes' ? 0 : 0.02;
  return Math.abs(model - measured) <= Math.max(WITHIN * measured, least);
}

function print(lines: readonly Line[]): string {
  const number = (value: number) => (value >= 1000 ? value.toFixed(0) : value.toPrecision(3));
  return table(
    ['what', 'unit', 'model', 'measured', 'model / measured', ''],
    lines.map((line) => [line.what, line.unit, number(line.model), number(line.measured), (line.model / line.measured).toFixed(2), isNear(line) ? '' : 'FAR OFF']),
  );
}
