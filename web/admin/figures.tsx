/** Live figures, as small charts of the last minutes. */
import { useEffect, useState } from 'preact/hooks';
import { call } from '../lib/api.ts';
import { inWords } from './calls.ts';
import { Chart, type Line } from './chart.tsx';
import { bytes, Head, locale, State } from './parts.tsx';
import { t } from './words.ts';

type Sample = Readonly<Record<string, number | null>> & { at: number };

const LOOK_EVERY_MS = 2000;
const MOST_SHOWN = 150;

function useSamples(): { samples: readonly Sample[]; engine: string; node: string; problem: string } {
  const [state, setState] = useState<{ samples: readonly Sample[]; engine: string; node: string; problem: string }>({ samples: [], engine: '', node: '', problem: '' });
  useEffect(() => {
    let stopped = false;
    let since = 0;
    const look = async (): Promise<void> => {
      try {
        const { samples, engine, node } = await call<{ samples: Sample[]; engine: string; node: string }>('tidemark.figures.get', { SINCE: since });
        if (stopped) return;
        since = samples.at(-1)?.at ?? since;
        setState((before) => ({ samples: [...before.samples, ...samples].slice(-MOST_SHOWN), engine, node, problem: '' }));
      } catch (error) {
        if (!stopped) setState((before) => ({ ...before, problem: inWords(error) }));
      }
    };
    void look();
    const timer = setInterval(() => document.visibilityState === 'visible' && void look(), LOOK_EVERY_MS);
    return () => {
      stopped = true;
      clearInterval(timer);
    };
  }, []);
  return state;
}

const number = (digits: number) => (value: number) => value.toLocaleString(locale(), { maximumFractionDigits: value >= 100 ? 0 : digits });
const ms = (value: number) => `${number(value < 1 ? 2 : 1)(value)} ${t('unit.ms')}`;
const percent = (value: number) => `${number(0)(value * 100)} %`;

interface Drawn {
  name: string;
  lines: ReadonlyArray<readonly [figure: string, name: string]>;
  show(value: number): string;
  /** The chart's top, where it is not what was highest. */
  top?: number;
}

const CHARTS: readonly Drawn[] = [
  { name: 'requests', lines: [['requests', 'all'], ['errors', 'errors']], show: number(1) },
  { name: 'latency', lines: [['p50', 'p50'], ['p99', 'p99']], show: ms },
  { name: 'pushes', lines: [['pushes', 'pushes'], ['live', 'listeners']], show: number(1) },
  { name: 'statements', lines: [['statements', 'statements'], ['round_trips', 'roundTrips']], show: number(1) },
  { name: 'waits', lines: [['unit_ms', 'unit'], ['retries', 'retries']], show: number(2) },
  { name: 'database', lines: [['database_bytes', 'size']], show: bytes },
  { name: 'hits', lines: [['hit_rate', 'hitRate']], show: percent, top: 1 },
  { name: 'lists', lines: [['lists_bytes', 'listsBytes']], show: bytes },
  { name: 'memory', lines: [['memory', 'process'], ['heap', 'heap']], show: bytes },
  { name: 'processor', lines: [['processor', 'processor']], show: percent, top: 1 },
];

export function Figures() {
  const { samples, engine, node, problem } = useSamples();
  const last = samples.at(-1);
  return (
    <section>
      <Head title={t('section.figures')} text={t('figures.text', { node: node || '–', engine: engine === 'postgres' ? 'PostgreSQL' : 'SQLite' })} />
      {problem && samples.length === 0 && <State icon="failed" text={problem} />}
      <div class="charts" aria-busy={!last}>
        {CHARTS.map(({ name, lines, show, top }) => (
          <Chart key={name} title={t(`figures.${name}`)} show={show} top={top} times={samples.map(({ at }) => at)} lines={lines.map(([figure, word]): Line => ({ name: t(`figures.line.${word}`), values: samples.map((sample) => sample[figure] ?? null) }))} />
        ))}
      </div>
    </section>
  );
}
