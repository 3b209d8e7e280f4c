/** A small chart of our own: one or two lines over the last minutes, with what they say now. */
import { useState } from 'preact/hooks';
import { locale } from './parts.tsx';
import { t } from './words.ts';

export interface Line {
  name: string;
  values: ReadonlyArray<number | null>;
}

interface ChartProps {
  title: string;
  lines: readonly Line[];
  times: readonly number[];
  show(value: number): string;
  top?: number | undefined;
}

const [WIDTH, HEIGHT] = [320, 84];
/** Milliseconds that the whole width stands for: as long as there is something to show, within these. */
const [SHORTEST_MS, LONGEST_MS] = [60_000, 300_000];

export function Chart({ title, lines, times, show, top: least = 0 }: ChartProps) {
  const [at, setAt] = useState<number>();
  const highest = Math.max(least, ...lines.flatMap(({ values }) => values.filter((value) => value !== null)));
  const top = highest > 0 ? highest : 1;
  const end = times.at(-1) ?? 0;
  const span = Math.min(LONGEST_MS, Math.max(SHORTEST_MS, end - (times[0] ?? end)));
  const x = (index: number) => WIDTH - ((end - times[index]!) / span) * WIDTH;
  const y = (value: number) => HEIGHT - 4 - (value / top) * (HEIGHT - 10);
  const index = at ?? times.length - 1;
  const now = lines.map(({ name, values }) => ({ name, text: values[index] === null || values[index] === undefined ? '–' : show(values[index]) }));
  const pointed = (event: PointerEvent): void => {
    const box = (event.currentTarget as Element).getBoundingClientRect();
    const wanted = ((event.clientX - box.left) / box.width) * WIDTH;
    setAt(times.length === 0 ? undefined : times.reduce((best, _, each) => (Math.abs(x(each) - wanted) < Math.abs(x(best) - wanted) ? each : best), 0));
  };
  return (
    <figure class="card chart">
      <figcaption>
        <h2>{title}</h2>
        <dl>{now.map(({ name, text }, line) => <div key={name} class={`line-${line}`}><dt>{name}</dt><dd>{text}</dd></div>)}</dl>
      </figcaption>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={t('figures.label', { title, now: now.map(({ name, text }) => `${name} ${text}`).join(', '), top: show(top) })}
        onPointerMove={pointed} onPointerLeave={() => setAt(undefined)}
      >
        <path class="grid" d={`M0 ${y(0)}H${WIDTH}M0 ${y(top / 2)}H${WIDTH}M0 ${y(top)}H${WIDTH}`} />
        {lines[0] && times.length > 1 && <path class="area" d={`${pathOf(lines[0].values, x, y)}V${y(0)}H${x(0)}Z`} />}
        {lines.map(({ name, values }, line) => <path key={name} class={`line line-${line}`} d={pathOf(values, x, y)} />)}
        {at !== undefined && <path class="pointer" d={`M${x(at)} 0V${HEIGHT}`} />}
      </svg>
      <p class="chart-foot"><span>{t('figures.ago', { n: Math.round(span / 60_000) })}</span><span>{at === undefined ? t('figures.top', { top: show(top) }) : new Date(times[at]!).toLocaleTimeString(locale())}</span></p>
    </figure>
  );
}

/** What cannot be known leaves a gap. */
function pathOf(values: ReadonlyArray<number | null>, x: (index: number) => number, y: (value: number) => number): string {
  let path = '';
  let joined = false;
  values.forEach((value, index) => {
    if (value !== null) path += `${joined ? 'L' : 'M'}${x(index).toFixed(1)} ${y(value).toFixed(1)}`;
    joined = value !== null;
  });
  return path;
}
