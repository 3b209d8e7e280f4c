import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** What is told of the kept lists. */
export interface KeptLists {
  readonly lists: number;
  readonly bytes: number;
  readonly budget: number;
  readonly encodedRows: number;
  readonly lookUps: object;
}

/** What is told of the store. */
export interface StoreEffort {
  /** How often a unit of work has run again because of another writer. */
  readonly retries: number;
  readonly roundTrips: number;
}

/** What `GET /metrics` tells, in the Prometheus text format. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #calls: Counter<'method' | 'status'>;
  readonly #seconds: Histogram<'method'>;
  readonly #madeRoom: Counter;

  constructor(store: StoreEffort) {
    new Gauge({
      name: 'tidemark_store_retries',
      help: 'Units of work that ran again because of a conflict with another writer, since the start',
      registers: [this.#registry],
      collect() {
        this.set(store.retries);
      },
    });
    new Counter({
      name: 'tidemark_store_round_trips_total',
      help: 'How often the database server was asked something and its answer waited for; 0 on SQLite',
      registers: [this.#registry],
      collect() {
        this.reset();
        this.inc(store.roundTrips);
      },
    });
    collectDefaultMetrics({ register: this.#registry, prefix: 'tidemark_' });
    this.#calls = new Counter({
      name: 'tidemark_calls_total',
      help: 'REST calls by method and HTTP status',
      labelNames: ['method', 'status'],
      registers: [this.#registry],
    });
    this.#seconds = new Histogram({
      name: 'tidemark_call_seconds',
      help: 'Time from the complete request to the answer',
      labelNames: ['method'],
      buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1],
      registers: [this.#registry],
    });
    this.#madeRoom = new Counter({
      name: 'tidemark_connections_closed_for_others_total',
      help: 'Connections closed because there were as many as there may be',
      registers: [this.#registry],
    });
  }

  /** There were as many connections as there may be, and one had to make room. */
  connectionLimit(): void {
    this.#madeRoom.inc();
  }

  /** @param method declared name, empty for unknown ones; names from the wire would make endless labels */
  call(method: string, status: number, milliseconds: number): void {
    this.#calls.inc({ method, status });
    this.#seconds.observe({ method }, milliseconds / 1000);
  }

  /** Tells of the kept lists whenever somebody asks. */
  watchLists(cache: KeptLists): void {
    const registers = [this.#registry];
    const gauge = (name: string, help: string, value: () => number) =>
      new Gauge({ name, help, registers, collect() { this.set(value()); } });
    gauge('tidemark_kept_lists', 'Recent lists kept in memory', () => cache.lists);
    gauge('tidemark_kept_lists_bytes', 'Memory that the kept lists take', () => cache.bytes);
    gauge('tidemark_kept_lists_budget_bytes', 'Memory that the kept lists may take (--cache-mb)', () => cache.budget);
    new Counter({
      name: 'tidemark_kept_list_lookups_total',
      help: 'Requests for lists: kept (from memory), renewed (some rows read again), loaded (read whole), passed (not kept)',
      labelNames: ['result'],
      registers,
      collect() {
        this.reset();
        for (const [result, count] of Object.entries(cache.lookUps)) this.inc({ result }, count);
      },
    });
    new Counter({
      name: 'tidemark_kept_list_rows_encoded_total',
      help: 'Rows that were read and encoded for kept lists',
      registers,
      collect() {
        this.reset();
        this.inc(cache.encodedRows);
      },
    });
  }

  text(): Promise<string> {
    return this.#registry.metrics();
  }
}
