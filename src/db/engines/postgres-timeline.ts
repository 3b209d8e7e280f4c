/**
 * Notices that another server has taken the place of the one before: a standby, or what was restored from a backup. It may lack
 * what that one had acknowledged, and gives the same numbers again. Every such server writes on a timeline of its own, and no
 * connection outlives the change, so each new connection is asked before anybody gets it.
 */
import type pg from 'pg';
import { randomText } from '../../base/secrets.ts';

const CURRENT = `select case when not pg_is_in_recovery() then left(pg_walfile_name(pg_current_wal_lsn()), 8) end as timeline`;

/** Transactions that were open together with the last one that is known began within this time before it. Milliseconds. */
const OPEN_TOGETHER_MS = 60_000;

/**
 * Tokens that have seen what may be missing are not good from now on: all that have seen anything of the last minute. Commits
 * do not come in the order of their revisions, so the last one that is there does not tell which are.
 */
const BEGIN_ANEW = `insert into generation (nonce, rev, started_at)
  select $1, coalesce(max(rev) filter (where created_at < newest - ${OPEN_TOGETHER_MS}), 0) + 1, $2
  from (select rev, created_at, max(created_at) over () as newest from journal) as entries`;

export class PostgresTimeline {
  readonly #onChange: () => void;
  #known: string | undefined;
  #following: Promise<void> | undefined;

  /** @param onChange told once the change is written down: what this process knows may never have happened */
  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  /** Resolves when the connection may be used; what it throws ends the connection. */
  async check(client: pg.ClientBase): Promise<void> {
    const timeline = await currentTimeline(client);
    this.#known ??= timeline;
    if (timeline === undefined || timeline === this.#known) return;
    this.#following ??= this.#follow(client, timeline).finally(() => {
      this.#following = undefined;
    });
    await this.#following;
  }

  async #follow(client: pg.ClientBase, timeline: string): Promise<void> {
    await client.query('begin read write');
    await client.query(BEGIN_ANEW, [randomText(12), Date.now()]);
    await client.query('commit');
    this.#known = timeline;
    this.#onChange();
  }
}

/** Undefined where the server does not say: a standby, or what only speaks like PostgreSQL. */
async function currentTimeline(client: pg.ClientBase): Promise<string | undefined> {
  try {
    const { rows: [row] } = await client.query<{ timeline: string | null }>(CURRENT);
    return row?.timeline ?? undefined;
  } catch (error) {
    if ((error as pg.DatabaseError).code === undefined) throw error;
    return undefined;
  }
}
