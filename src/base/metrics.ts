import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import { type Durations, Sums, Times } from './tallies.ts';

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

/** What has happened since the start, as plain numbers. */
export interface Totals {
  calls: number;
  /** Calls with a status of 400 or more. */
  errors: number;
  /** How long calls took, seconds; by the upper bounds of `bounds`. */
  durations: Durations;
  bounds: readonly number[];
  statements: number;
  units: number;
  /** Seconds of all units of work together. */
  unitSeconds: number;
  retries: number;
  roundTrips: number;
}

/** What `GET /metrics` tells, in the Prometheus text format. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #store: StoreEffort;
  readonly #calls: Sums<'method' | 'status'>;
  readonly #seconds: Times<'method'>;
  readonly #madeRoom: Counter;
  readonly #faults: Counter;
  readonly #unitSeconds: Times<'kind'>;
  readonly #statements: Sums<'kind'>;
  readonly #unavailable: Counter<'reason'>;

  constructor(store: StoreEffort) {
    this.#store = store;
    this.gauge('tidemark_store_retries', 'Units of work that ran again because of a conflict with another writer, since the start', () => store.retries);
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
    this.#calls = new Sums({
      name: 'tidemark_calls_total',
      help: 'REST calls by method and HTTP status',
      labelNames: ['method', 'status'],
      registers: [this.#registry],
    });
    this.#seconds = new Times({
      name: 'tidemark_call_seconds',
      help: 'Time from the complete request to the answer',
      labelNames: ['method'],
      registers: [this.#registry],
    }, [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1]);
    this.#madeRoom = new Counter({
      name: 'tidemark_connections_closed_for_others_total',
      help: 'Connections closed because there were as many as there may be',
      registers: [this.#registry],
    });
    this.#faults = new Counter({
      name: 'tidemark_faults_total',
      help: 'Calls that failed by a fault of the server itself; the log has more',
      registers: [this.#registry],
    });
    this.#unitSeconds = new Times({
      name: 'tidemark_store_unit_seconds',
      help: 'Time of a unit of work in the database, waiting included; writes until they are durable',
      labelNames: ['kind'],
      registers: [this.#registry],
    }, [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5]);
    this.#statements = new Sums({
      name: 'tidemark_store_statements_total',
      help: 'Statements that units of work have run, begin and commit not counted',
      labelNames: ['kind'],
      registers: [this.#registry],
    });
    this.#unavailable = new Counter({
      name: 'tidemark_store_unavailable_total',
      help: 'Units of work that the database could not do at the time, by reason',
      labelNames: ['reason'],
      registers: [this.#registry],
    });
  }

  /** A call failed by a fault of the server itself. */
  fault(): void {
    this.#faults.inc();
  }

  /** A unit of work in the database has ended. */
  unit(kind: 'read' | 'write', milliseconds: number, statements: number): void {
    this.#unitSeconds.add(milliseconds / 1000, kind);
    this.#statements.add(statements, kind);
  }

  /** The database could not do a unit of work. @param reason one of a few words */
  unavailable(reason: string): void {
    this.#unavailable.inc({ reason });
  }

  /** Tells a value that is looked at whenever somebody asks: not a number when it cannot be known, which spoils no other. */
  gauge(name: string, help: string, value: () => number | Promise<number>): void {
    const known = async () => value();
    new Gauge({ name, help, registers: [this.#registry], async collect() { this.set(await known().catch(() => NaN)); } });
  }

  /** Tells what does not change while the server runs. */
  info(name: string, help: string, labels: Record<string, string>): void {
    new Gauge({ name, help, labelNames: Object.keys(labels), registers: [this.#registry] }).set(labels, 1);
  }

  /** There were as many connections as there may be, and one had to make room. */
  connectionLimit(): void {
    this.#madeRoom.inc();
  }

  /** @param method declared name, empty for unknown ones; names from the wire would make endless labels */
  call(method: string, status: number, milliseconds: number): void {
    this.#calls.add(1, method, status);
    this.#seconds.add(milliseconds / 1000, method);
  }

  /** Tells of the kept lists whenever somebody asks. */
  watchLists(cache: KeptLists): void {
    const registers = [this.#registry];
    this.gauge('tidemark_kept_lists', 'Recent lists kept in memory', () => cache.lists);
    this.gauge('tidemark_kept_lists_bytes', 'Memory that the kept lists take', () => cache.bytes);
    this.gauge('tidemark_kept_lists_budget_bytes', 'Memory that the kept lists may take (--cache-mb)', () => cache.budget);
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

  totals(): Totals {
    const units = this.#unitSeconds.total();
    return {
      calls: this.#calls.total(), errors: this.#calls.total((status) => Number(status) >= 400), durations: this.#seconds.total(), bounds: this.#seconds.bounds,
      statements: this.#statements.total(), units: units.count, unitSeconds: units.sum, retries: this.#store.retries, roundTrips: this.#store.roundTrips,
    };
  }

  /** What a counter or gauge of one value says at the moment; undefined where there is none of this name. */
  async valueOf(name: string): Promise<number | undefined> {
    const metric = this.#registry.getSingleMetric(name);
    const values = metric && (await metric.get()).values;
    return values?.reduce((sum, { value }) => sum + value, 0);
  }

  text(): Promise<string> {
    return this.#registry.metrics();
  }
}
