/** What a section measures, and how it is shown beside what is wanted. */
import type { Engine } from './home.ts';
import { table } from './table.ts';

/** At least, or at most, so much on an engine. */
export interface Wanted {
  sqlite?: number;
  postgres?: number;
  most?: true;
}

export interface Figure {
  name: string;
  value: number;
  unit: '/s' | 'ms' | 'MB' | '%' | 'B' | '' | 'share';
  wanted?: Wanted;
}

export const perSecond = (name: string, value: number, wanted?: Wanted): Figure => ({ name, value, unit: '/s', ...(wanted && { wanted }) });
export const milliseconds = (name: string, value: number, sqlite?: number, postgres?: number): Figure => ({
  name, value, unit: 'ms', ...(sqlite !== undefined && { wanted: { sqlite, ...(postgres !== undefined && { postgres }), most: true as const } }),
});
export const share = (name: string, value: number, wanted?: Wanted): Figure => ({ name, value, unit: 'share', ...(wanted && { wanted }) });

/** Figures of the engines beside each other, each with what is wanted of it. */
export function figureTable(columns: ReadonlyMap<Engine, readonly Figure[]>): string {
  const names = [...new Set([...columns.values()].flatMap((figures) => figures.map(({ name }) => name)))];
  const lines = names.map((name) => [
    name,
    ...[...columns].flatMap(([engine, figures]) => {
      const figure = figures.find((each) => each.name === name);
      return figure ? [shown(figure), verdict(figure, engine)] : ['', ''];
    }),
  ]);
  return table(['measure', ...[...columns.keys()].flatMap((engine) => [ENGINE_NAMES[engine], 'wanted'])], lines);
}

const ENGINE_NAMES: Record<Engine, string> = { sqlite: 'SQLite', postgres: 'PostgreSQL' };

function shown({ value, unit }: Figure): string {
  const digits = unit === 'ms' || unit === 'share' ? 2 : 0;
  const spaced = unit === 'share' || unit === '' ? '' : ` ${unit}`;
  return `${value.toFixed(digits)}${unit === '/s' ? unit : spaced}`;
}

function verdict({ value, wanted }: Figure, engine: Engine): string {
  const limit = wanted?.[engine];
  if (limit === undefined) return '';
  const met = wanted?.most ? value <= limit : value >= limit;
  return `${wanted?.most ? '≤' : '≥'} ${limit}: ${met ? 'met' : '**NOT MET**'}`;
}
