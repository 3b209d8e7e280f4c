/** Clients that keep a copy of a list and bring it up to date, each in its own way. */
import { same } from '../model/same.ts';
import type { Node } from './nodes.ts';
import type { Person, Scene } from './scene.ts';

export interface Row {
  id: number | string;
  date_update: string;
  message: { date: string };
  user: Record<string, unknown>;
}

export interface SyncClient {
  readonly kind: string;
  readonly owner: Person;
  /** One step: a sync, or a page. */
  sync(node: Node): Promise<void>;
  /** Goes on until the client believes that it has everything. */
  finish(node: Node): Promise<void>;
  /** Nobody needs it any longer. */
  close?(): void;
  /** @throws when what the client has is not what a fresh list shows */
  compare(fresh: readonly Row[]): void;
}

/** What moves by itself: who was active when is written down a little later than the call, and moves no date. */
export function stable(row: Row): Row {
  return { ...row, user: { ...row.user, last_activity_date: false, idle: false } };
}

/** The whole list as it is now; undefined when the owner is not let in. */
export async function listOf(scene: Scene, node: Node, owner: Person): Promise<Row[] | undefined> {
  const { body } = await scene.call(node, owner, 'im.recent.list', { LIMIT: 200 });
  return body.error === undefined ? (body.result as { items: Row[] }).items.map(stable) : undefined;
}

abstract class CopyClient implements SyncClient {
  abstract readonly kind: string;
  readonly owner: Person;
  protected readonly scene: Scene;

  constructor(scene: Scene, owner: Person) {
    this.scene = scene;
    this.owner = owner;
  }

  abstract sync(node: Node): Promise<void>;
  abstract compare(fresh: readonly Row[]): void;

  async finish(node: Node): Promise<void> {
    await this.sync(node);
  }

  /** im.recent.get, unless the owner may not call just now. */
  protected async get(node: Node, params: Record<string, unknown>, headers: Record<string, string> = {}) {
    const reply = await this.scene.call(node, this.owner, 'im.recent.get', params, headers);
    const rows = Array.isArray(reply.body.result) ? (reply.body.result as Row[]).map(stable) : undefined;
    const told = rows ? rows.map(({ id }) => id).join(' ') : reply.status;
    this.scene.note(`${node.name} ${this.owner.name} (${this.owner.id}) ${this.kind} ${JSON.stringify({ ...params, ...headers })} → ${told}`);
    return { ...reply, rows };
  }
}

/** Asks for what has changed since a date. Such a client is told of no removal, so it may have rows that are gone. */
abstract class DatedClient extends CopyClient {
  protected readonly rows = new Map<number | string, Row>();

  protected abstract since(): Record<string, string>;
  protected answered(_began: string): void {}

  async sync(node: Node): Promise<void> {
    const { rows, body } = await this.get(node, this.since());
    if (!rows) return;
    for (const row of rows) this.rows.set(row.id, row);
    this.answered(body.time!.date_start);
  }

  compare(fresh: readonly Row[]): void {
    const ours = fresh.map(({ id }) => this.rows.get(id));
    same(`rows of ${this.owner.name} (${this.owner.id}) by ${this.kind}`, ours, fresh);
  }
}

/** The date of the last answer. */
export class DateStartClient extends DatedClient {
  readonly kind = 'date_start';
  #began: string | undefined;

  protected since() {
    return this.#began === undefined ? {} : { LAST_SYNC_DATE: this.#began };
  }

  protected override answered(began: string): void {
    this.#began = began;
  }
}

/** The newest date that a row has. */
export class DateUpdateClient extends DatedClient {
  readonly kind = 'date_update';

  protected since() {
    const dates = [...this.rows.values()].map(({ date_update }) => date_update).sort((a, b) => Date.parse(a) - Date.parse(b));
    return dates.length === 0 ? {} : { LAST_UPDATE: dates.at(-1)! };
  }
}

/** Asks whether what it has is still so. */
export class TaggedClient extends CopyClient {
  readonly kind = 'ETag';
  #rows: Row[] = [];
  #tag: string | null = null;

  async sync(node: Node): Promise<void> {
    const { rows, headers } = await this.get(node, {}, this.#tag === null ? {} : { 'if-none-match': this.#tag });
    if (!rows) return;
    this.#rows = rows;
    this.#tag = headers.get('etag');
  }

  compare(fresh: readonly Row[]): void {
    same(`the list of ${this.owner.name} (${this.owner.id}) by ${this.kind}`, this.#rows, fresh);
  }
}
