/** The arithmetic: from what people do to rows, bytes, statements and processors. Nothing here measures or prints. */
import { ASSUMED, type Coefficients, type Cost, type Engine, type EngineCoefficients } from './coefficients.ts';

/** What people do. */
export interface Usage {
  users: number;
  /** Chats that a user is in. */
  chats: number;
  /** Members of a chat on average. */
  members: number;
  /** The share of the users who are there on a day. */
  active: number;
  /** Messages a day that one of them sends, lists they ask for, and the share of these that find something changed. */
  messages: number;
  reads: number;
  changed: number;
  /** Bytes of a message's text. */
  text: number;
  /** Days for which messages are kept. */
  days: number;
}

export interface TableSize {
  table: string;
  rows: number;
  bytes: number;
  indexBytes: number;
  /** Bytes by which it grows in a day while people stay the same. */
  growth: number;
}

export interface Prediction {
  tables: TableSize[];
  bytes: number;
  growth: number;
  /** Largest table, and the one that grows most. */
  largest: string;
  growsMost: string;
  perSend: { rows: number; statements: number };
  perRead: { statements: number };
  /** Seconds of a processor in a day. */
  cpuSecondsPerDay: { server: number; database: number };
  /** In the busiest hour. */
  sendsPerSecond: number;
  readsPerSecond: number;
  serverCores: number;
  databaseCores: number;
  /** Server processes, of which each uses one processor. */
  nodes: number;
  keptListsBytes: number;
}

/** Chats of more members than this are never fanned out. */
export const WIDE_ABOVE = 100;

/** Rows of each table that grows with use; the others together are smaller than the smallest of these. */
export function rowsOf(usage: Usage): Record<string, { rows: number; perDay: number }> {
  const { users, chats, members, days } = usage;
  const sends = sendsPerDay(usage);
  return {
    user: { rows: users, perDay: 0 },
    user_field: { rows: users * ASSUMED.fieldsPerUser, perDay: 0 },
    chat: { rows: (users * chats) / members, perDay: 0 },
    member: { rows: users * chats, perDay: 0 },
    message: { rows: sends * days, perDay: sends },
    journal: { rows: sends * Math.min(days, ASSUMED.journalDays), perDay: 0 },
  };
}

function sendsPerDay({ users, active, messages }: Usage): number {
  return users * active * messages;
}

/**
 * Rows that a send changes, whatever the number of members: the message, the chat, the journal, the sender's read cursor. Once a
 * chat is quiet its members' rows are moved, once for a burst of messages.
 */
export const ROWS_PER_SEND = 4;

export function costOfSend(c: EngineCoefficients, members: number): Cost {
  return members > WIDE_ABOVE ? c.send_wide : plus(c.send, times(c.send_per_member, Math.max(0, members - 2)));
}

export function tableSizes(usage: Usage, { bytes }: EngineCoefficients): TableSize[] {
  return Object.entries(rowsOf(usage)).flatMap(([table, { rows, perDay }]) => {
    const row = bytes[table];
    if (!row) return [];
    const own = row.table + (table === 'message' ? usage.text : 0);
    return { table, rows, bytes: rows * own, indexBytes: rows * row.indexes, growth: perDay * (own + row.indexes) };
  });
}

export function predict(usage: Usage, coefficients: Coefficients, engine: Engine): Prediction {
  const c = coefficients.engines[engine];
  const tables = tableSizes(usage, c);
  const sends = sendsPerDay(usage);
  const reads = usage.users * usage.active * usage.reads;
  const send = costOfSend(c, usage.members);
  const read = plus(times(c.get_changed, usage.changed), times(c.get_unchanged, 1 - usage.changed));
  const perDay = plus(times(send, sends / 1000), times(read, reads / 1000));
  const busiest = ASSUMED.busiestHour / 3600;
  const serverCores = perDay.server * busiest;
  return {
    tables,
    bytes: sum(tables, ({ bytes, indexBytes }) => bytes + indexBytes),
    growth: sum(tables, ({ growth }) => growth),
    largest: most(tables, ({ bytes, indexBytes }) => bytes + indexBytes),
    growsMost: most(tables, ({ growth }) => growth),
    perSend: { rows: ROWS_PER_SEND, statements: send.statements },
    perRead: { statements: read.statements },
    cpuSecondsPerDay: { server: perDay.server, database: perDay.database },
    sendsPerSecond: sends * busiest,
    readsPerSecond: reads * busiest,
    serverCores,
    databaseCores: perDay.database * busiest,
    nodes: Math.max(1, Math.ceil(serverCores / ASSUMED.busyShare)),
    keptListsBytes: usage.users * usage.active * ASSUMED.atOnce * ASSUMED.rowsKept * c.kept_row_bytes,
  };
}

/** How the two tables that fill first are divided; the others become as large only where there are several servers anyway. */
const PARTITIONS: Readonly<Record<string, string>> = { message: 'message by time (a month each)', member: 'member by user (hash)' };

/** What to run it on, in words. */
export function advise(sqlite: Prediction, postgres: Prediction): string[] {
  if (sqlite.nodes === 1 && sqlite.bytes <= ASSUMED.sqliteBytes) return ['one process on SQLite'];
  const large = Object.keys(PARTITIONS).filter((name) => sizeOf(postgres.tables, name) > ASSUMED.partitionBytes);
  const cores = postgres.databaseCores / ASSUMED.busyShare;
  const servers = Math.max(Math.ceil(postgres.bytes / ASSUMED.oneServerBytes), Math.ceil(cores / ASSUMED.oneServerCores));
  return [
    `PostgreSQL and ${postgres.nodes === 1 ? 'one node' : `${postgres.nodes} nodes`}`,
    ...large.map((name) => `partition ${PARTITIONS[name]}`),
    ...(servers > 1 ? [`spread over about ${servers} database servers: Citus, or YugabyteDB`] : []),
  ];
}

function plus(a: Cost, b: Cost): Cost {
  return { statements: a.statements + b.statements, server: a.server + b.server, database: a.database + b.database };
}

function times(cost: Cost, by: number): Cost {
  return { statements: cost.statements * by, server: cost.server * by, database: cost.database * by };
}

function sizeOf(tables: readonly TableSize[], name: string): number {
  return sum(tables.filter(({ table }) => table === name), ({ bytes, indexBytes }) => bytes + indexBytes);
}

function sum(tables: readonly TableSize[], of: (table: TableSize) => number): number {
  return tables.reduce((total, table) => total + of(table), 0);
}

function most(tables: readonly TableSize[], of: (table: TableSize) => number): string {
  return tables.reduce((best, table) => (of(table) > of(best) ? table : best)).table;
}
