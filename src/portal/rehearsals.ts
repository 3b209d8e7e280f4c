/** Errors on purpose: what `tidemark rehearse` asks for happens to the next calls of one webhook or application. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../db/database.ts';
import { Remembered } from '../db/remembered.ts';
import { openRehearsals, type RehearsalRow, takeRehearsal } from '../db/stores/rehearsal-store.ts';
import type { Identity } from '../base/caller.ts';
import type { ErrorDeclaration } from '../base/declared-error.ts';

export const PER_MILLION = 1_000_000;

/** Told of every call that was made to fail or to wait. */
export type RehearsalListener = (rehearsed: { error: string; delay: number; method: string; userId: number }) => void;

/** The declared error that a code stands for in calls of a method. */
type ErrorOf = (code: string, method: string) => ErrorDeclaration | undefined;

export class Rehearsals {
  readonly #db: Database;
  readonly #errorOf: ErrorOf;
  readonly #listener: RehearsalListener;
  readonly #open: Remembered<RehearsalRow[]>;

  constructor(db: Database, errorOf: ErrorOf, listener: RehearsalListener) {
    this.#db = db;
    this.#errorOf = errorOf;
    this.#listener = listener;
    this.#open = new Remembered(db, openRehearsals, (changes) => changes.has('rehearsals'));
  }

  /** Whether it is known that nobody's calls are to fail. */
  get none(): boolean {
    return this.#open.known?.length === 0;
  }

  /**
   * Waits as long as asked and gives the error that the call is to end with.
   *
   * @param inner a command of a batch: it counts only where its method was named
   * @param version of the portal, where the store has told it with the call
   */
  async rehearse(
    identity: Identity,
    method: string,
    inner: boolean,
    version: number | undefined,
  ): Promise<{ error: ErrorDeclaration | undefined } | undefined> {
    const row = await this.#take(await this.#open.get(version), identity, method, inner);
    if (!row) return undefined;
    this.#listener({ error: row.error, delay: row.delay_ms, method, userId: identity.userId });
    if (row.delay_ms > 0) await sleep(row.delay_ms);
    return { error: this.#errorOf(row.error, method) };
  }

  async #take(open: readonly RehearsalRow[], identity: Identity, method: string, inner: boolean): Promise<RehearsalRow | undefined> {
    for (const row of open) {
      if (row.webhook_id !== identity.webhookId || row.app_id !== (identity.application?.id ?? 0)) continue;
      if (row.method === '' ? inner : row.method !== method) continue;
      if (Math.random() * PER_MILLION >= row.per_million) continue;
      if (row.remaining < 0 || (await this.#db.write((s) => takeRehearsal(s, row.id))) !== undefined) return row;
    }
    return undefined;
  }
}
