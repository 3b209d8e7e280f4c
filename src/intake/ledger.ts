/** What has come here from one portal, and how: in memory the people and chats, in the store all of it. */
import { hash } from 'node:crypto';
import { intakeSource, takenOf } from '../db/stores/intake-store.ts';
import type { Database } from '../db/database.ts';
import type { Messenger } from '../messenger/messenger.ts';

/** How much there is, and what could not be had. */
export interface Report {
  users: number;
  chats: number;
  messages: number;
  files: number;
  /** What was left out, each once. */
  left: string[];
}

export class Ledger {
  readonly db: Database;
  /** What it writes leads to no events for applications: it is history. */
  readonly m: Messenger;
  readonly sourceId: number;
  /** The number here, by the number there. */
  readonly users: Map<number, number>;
  readonly chats: Map<number, number>;
  readonly report: Report = { users: 0, chats: 0, messages: 0, files: 0, left: [] };
  readonly #left = new Set<string>();

  private constructor(m: Messenger, sourceId: number, users: Map<number, number>, chats: Map<number, number>) {
    this.db = m.db;
    this.m = { ...m, hops: 0 };
    this.sourceId = sourceId;
    this.users = users;
    this.chats = chats;
  }

  /** @param host of the portal, with its port: only a digest of it is kept */
  static async open(m: Messenger, host: string): Promise<Ledger> {
    const sourceId = await m.db.write((s) => intakeSource(s, hash('sha256', host, 'hex')));
    const [users, chats] = await m.db.read(async (s) => [await takenOf(s, sourceId, 'user'), await takenOf(s, sourceId, 'chat')] as const);
    return new Ledger(m, sourceId, users, chats);
  }

  /** Notes that something could not be had. */
  leftOut(what: string): void {
    if (this.#left.has(what) || this.#left.size >= MOST_LEFT) return;
    this.#left.add(what);
    this.report.left.push(what);
  }
}

const MOST_LEFT = 100;

const DIGEST_BYTES = 6;

/** A number that is another where any of the values is. */
export function digestOf(values: unknown): number {
  return hash('sha256', JSON.stringify(values), 'buffer').readUIntBE(0, DIGEST_BYTES);
}
