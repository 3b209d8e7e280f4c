/** Clients that sync by token, in the smallest pages that still make progress. */
import { same } from '../model/same.ts';
import { type Row, stable, type SyncClient } from './copies.ts';
import type { Node } from './nodes.ts';
import type { Person, Scene } from './scene.ts';

const PAGE = 2;
const MOST_PAGES = 100;

export interface Changes {
  items: Row[];
  removed: Array<number | string>;
  users: Array<Row['user']>;
  token: string;
  has_more: boolean;
  reset_required: boolean;
}

interface ListPage {
  items: Row[];
  hasMore: boolean;
  token: string;
  reset_required: boolean;
}

/** A call that may wait for a change. */
export interface Wait {
  seconds: number;
  signal: AbortSignal;
}

export abstract class TokenKeeper implements SyncClient {
  abstract readonly kind: string;
  readonly owner: Person;
  protected readonly scene: Scene;
  protected rows = new Map<number | string, Row>();
  /** Empty before the first answer, and after one that said so. */
  protected token = '';
  /** Whether there is nothing more to come, as far as the client was told. */
  protected upToDate = false;

  constructor(scene: Scene, owner: Person) {
    this.scene = scene;
    this.owner = owner;
  }

  abstract sync(node: Node): Promise<void>;

  async finish(node: Node): Promise<void> {
    for (let pages = 0; pages < MOST_PAGES; pages++) {
      await this.askForChanges(node);
      if (this.upToDate) return;
    }
    throw new Error(`${this.owner.name} (${this.owner.id}) does not come to the end by ${this.kind}`);
  }

  compare(fresh: readonly Row[]): void {
    const byId = (rows: Iterable<Row>) => [...rows].sort((a, b) => String(a.id).localeCompare(String(b.id)));
    same(`rows of ${this.owner.name} (${this.owner.id}) by ${this.kind}`, byId(this.rows.values()), byId(fresh));
  }

  protected async ask<A extends { items: Row[]; token: string; reset_required: boolean }>(node: Node, method: string, wait?: Wait): Promise<A | undefined> {
    const params = { TOKEN: this.token, LIMIT: PAGE, ...(wait && { WAIT: wait.seconds }) };
    const { body } = await this.scene.call(node, this.owner, method, params, {}, wait?.signal);
    const answer = body.error === undefined ? (body.result as A) : undefined;
    this.scene.note(`${node.name} ${this.owner.name} (${this.owner.id}) ${wait ? 'waited for ' : ''}${method} ${this.token} → ${answer ? told(answer) : body.error}`);
    if (answer?.reset_required) this.begin();
    else if (answer) this.token = answer.token;
    return answer?.reset_required ? undefined : answer;
  }

  protected async askForChanges(node: Node): Promise<void> {
    this.take(await this.ask<Changes>(node, 'tidemark.recent.changes'));
  }

  protected take(changes: Changes | undefined): void {
    if (!changes) return;
    for (const row of changes.items) this.rows.set(row.id, stable(row));
    for (const id of changes.removed) this.rows.delete(id);
    this.upToDate = !changes.has_more;
  }

  protected begin(): void {
    this.rows.clear();
    this.token = '';
    this.upToDate = false;
  }
}

function told(answer: object): string {
  const { items, removed = [], users = [], token, has_more: more, hasMore = more, reset_required: reset } = answer as Partial<Changes & ListPage>;
  const ids = (items ?? []).map(({ id }) => id).join(' ');
  return `${ids}${removed.length > 0 ? ` without ${removed.join(' ')}` : ''}${users.length > 0 ? ` ${users.length} users` : ''}${hasMore ? ' …' : ''}${reset ? ' reset' : ''} ${token}`;
}

/** Begins with the list and goes on with what changes. */
export class ChangesClient extends TokenKeeper {
  readonly kind = 'TOKEN';

  sync(node: Node): Promise<void> {
    return this.askForChanges(node);
  }
}

/** Walks through im.recent.list, then takes what has changed meanwhile, and begins anew with the next step. */
export class TokenWalker extends TokenKeeper {
  readonly kind = 'pages with TOKEN';
  #walked = false;

  override async finish(node: Node): Promise<void> {
    do await this.sync(node);
    while (!this.upToDate);
  }

  async sync(node: Node): Promise<void> {
    if (this.upToDate) this.begin();
    if (this.#walked) return this.askForChanges(node);
    const page = await this.ask<ListPage>(node, 'im.recent.list');
    if (!page) return;
    for (const row of page.items) {
      if (this.rows.has(row.id)) throw new Error(`a walk of ${this.owner.name} (${this.owner.id}) gave ${row.id} twice`);
      this.rows.set(row.id, stable(row));
    }
    this.#walked = !page.hasMore;
  }

  protected override begin(): void {
    super.begin();
    this.#walked = false;
  }
}

/** Begins with im.recent.get, whose head has a token, and goes on with what changes; now and then begins anew. */
export class HeadTokenClient extends TokenKeeper {
  readonly kind = 'X-Tidemark-Token';
  #syncs = 0;

  async sync(node: Node): Promise<void> {
    if (this.#syncs++ % SYNCS_OF_A_LIST === 0) this.begin();
    await this.askForChanges(node);
  }

  protected override async askForChanges(node: Node): Promise<void> {
    if (this.token !== '') return super.askForChanges(node);
    const { headers, body } = await this.scene.call(node, this.owner, 'im.recent.get', {});
    if (!Array.isArray(body.result)) return;
    for (const row of (body.result as Row[]).map(stable)) this.rows.set(row.id, row);
    this.token = headers.get('x-tidemark-token')!;
    this.scene.note(`${node.name} ${this.owner.name} (${this.owner.id}) ${this.kind} → ${[...this.rows.keys()].join(' ')} ${this.token}`);
  }
}

/** What goes wrong with the first answer shows only while it is young. */
const SYNCS_OF_A_LIST = 3;
