/** Counts of what happens thousands of times a second: plain numbers, made into metrics when somebody asks for them. */
import { Counter, Histogram, type MetricType, type Registry } from 'prom-client';

/** The library says it in a word, and declares a number. */
const HISTOGRAM = 'histogram' as unknown as MetricType;

interface Described<L extends string> {
  name: string;
  help: string;
  labelNames: [L, ...L[]];
  registers: Registry[];
}

/** A sum by one or two labels. */
export class Sums<L extends string> {
  readonly #sums = new Map<string, Map<string | number, number>>();

  constructor(description: Described<L>) {
    const [first, second] = description.labelNames;
    const sums = this.#sums;
    new Counter({
      ...description,
      collect() {
        this.reset();
        for (const [a, byOther] of sums) {
          for (const [b, sum] of byOther) this.inc({ [first]: a, ...(second && { [second]: b }) } as Partial<Record<L, string | number>>, sum);
        }
      },
    });
  }

  /** Everything in it, or what the second label says of it. */
  total(counts: (second: string | number) => boolean = () => true): number {
    let total = 0;
    for (const byOther of this.#sums.values()) for (const [second, sum] of byOther) if (counts(second)) total += sum;
    return total;
  }

  add(amount: number, first: string, second: string | number = ''): void {
    let byOther = this.#sums.get(first);
    if (!byOther) this.#sums.set(first, (byOther = new Map<string | number, number>()));
    byOther.set(second, (byOther.get(second) ?? 0) + amount);
  }
}

/** How long things took. */
export interface Durations {
  /** How many took so long or less, but longer than the bound before. */
  counts: number[];
  count: number;
  sum: number;
}

/** How long things take, by one label. */
export class Times<L extends string> extends Histogram<L> {
  readonly #description: Described<L>;
  readonly #bounds: readonly number[];
  readonly #byLabel = new Map<string, Durations>();

  /** @param bounds of the buckets, seconds, ascending */
  constructor(description: Described<L>, bounds: number[]) {
    super({ ...description, buckets: bounds });
    this.#description = description;
    this.#bounds = bounds;
  }

  add(seconds: number, label: string): void {
    let durations = this.#byLabel.get(label);
    if (!durations) this.#byLabel.set(label, (durations = { counts: this.#bounds.map(() => 0), count: 0, sum: 0 }));
    durations.count += 1;
    durations.sum += seconds;
    const bucket = this.#bounds.findIndex((bound) => seconds <= bound);
    if (bucket >= 0) durations.counts[bucket]! += 1;
  }

  get bounds(): readonly number[] {
    return this.#bounds;
  }

  /** Of all labels together. */
  total(): Durations {
    const total: Durations = { counts: this.#bounds.map(() => 0), count: 0, sum: 0 };
    for (const { counts, count, sum } of this.#byLabel.values()) {
      counts.forEach((own, bucket) => (total.counts[bucket]! += own));
      total.count += count;
      total.sum += sum;
    }
    return total;
  }

  override async get(): ReturnType<Histogram<L>['get']> {
    const { name, help } = this.#description;
    const values = [...this.#byLabel].flatMap(([label, durations]) => this.#lines(label, durations));
    return { name, help, type: HISTOGRAM, aggregator: 'sum', values, collect() {} };
  }

  /** What a registry asks for in place of `get`. */
  getForPromString(): ReturnType<Histogram<L>['get']> {
    return this.get();
  }

  /** Each bucket holds those before it. */
  #lines(value: string, { counts, count, sum }: Durations) {
    const { name, labelNames: [label] } = this.#description;
    const labels = { [label]: value } as Partial<Record<L, string>>;
    let below = 0;
    const buckets = this.#bounds.map((le, index) => ({ metricName: `${name}_bucket`, labels: { le, ...labels }, value: (below += counts[index]!) }));
    return [
      ...buckets, { metricName: `${name}_bucket`, labels: { le: '+Inf', ...labels }, value: count },
      { metricName: `${name}_sum`, labels, value: sum }, { metricName: `${name}_count`, labels, value: count },
    ];
  }
}
