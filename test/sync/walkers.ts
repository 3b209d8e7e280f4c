/** Clients that go through im.recent.list page by page while it moves, again and again. */
import { same } from '../model/same.ts';
import { listOf, type Row, stable, type SyncClient } from './copies.ts';
import type { Node } from './nodes.ts';
import type { Person, Scene } from './scene.ts';

const PAGE = 3;
const MOST_PAGES = 60;

interface Page {
  items: Row[];
  hasMore: boolean;
}

abstract class Walker implements SyncClient {
  abstract readonly kind: string;
  readonly owner: Person;
  protected readonly scene: Scene;
  /** As they came. */
  protected rows: Row[] = [];
  /** What the list showed before the first page, and how many effects were known of. */
  #begun: { ids: ReadonlySet<number | string>; effects: number } | undefined;

  constructor(scene: Scene, owner: Person) {
    this.scene = scene;
    this.owner = owner;
  }

  /** Asks for the next page; undefined when the owner may not call just now. */
  protected abstract page(node: Node): Promise<{ items: Row[]; hasMore: boolean } | undefined>;
  protected abstract restart(): void;

  async sync(node: Node): Promise<void> {
    if (!this.scene.mayCall(this.owner)) return;
    if (!this.#begun) {
      this.restart();
      this.rows = [];
      const effects = this.scene.effects.length;
      const ids = await this.#shown(node);
      if (!ids) return;
      this.#begun = { ids, effects };
    }
    const page = await this.page(node);
    if (!page) return;
    this.rows.push(...page.items);
    if (!page.hasMore) await this.#end(node);
    else if (this.rows.length > MOST_PAGES * PAGE) throw new Error(`the walk of ${this.owner.name} by ${this.kind} does not end`);
  }

  async finish(node: Node): Promise<void> {
    // Those under way, and one more.
    for (let pages = 0; this.#begun && pages < MOST_PAGES; pages++) await this.sync(node);
    do await this.sync(node);
    while (this.#begun);
  }

  /** Of a list that stood still during the last walk all rows came. One that came up during an earlier walk may come again. */
  compare(fresh: readonly Row[]): void {
    const names = (rows: readonly Row[]) => [...new Set(rows.map(({ id }) => String(id)))].sort();
    same(`rows of a walk of ${this.owner.name} (${this.owner.id}) by ${this.kind}`, names(this.rows), names(fresh));
  }

  async #end(node: Node): Promise<void> {
    const { ids, effects } = this.#begun!;
    this.#begun = undefined;
    const after = await this.#shown(node);
    const came = new Set(this.rows.map(({ id }) => id));
    const known = this.scene.effectsSince(effects);
    const excused = new Set(known.flatMap(({ removes }) => removes));
    const lost = [...ids].filter((id) => after?.has(id) && !came.has(id) && !excused.has(id));
    if (lost.length > 0) throw new Error(`a walk of ${this.owner.name} (${this.owner.id}) by ${this.kind} has lost ${lost.join(' ')}`);
  }

  async #shown(node: Node): Promise<Set<number | string> | undefined> {
    const rows = await listOf(this.scene, node, this.owner);
    return rows && new Set(rows.map(({ id }) => id));
  }

  protected async ask(node: Node, params: Record<string, unknown>) {
    const { body } = await this.scene.call(node, this.owner, 'im.recent.list', { LIMIT: PAGE, ...params });
    const page = body.error === undefined ? (body.result as Page) : undefined;
    const told = page ? `${page.items.map(({ id }) => id).join(' ')}${page.hasMore ? ' …' : ''}` : body.error;
    this.scene.note(`${node.name} ${this.owner.name} (${this.owner.id}) page ${JSON.stringify(params)} → ${told}`);
    return page && { items: page.items.map(stable), hasMore: page.hasMore, next: body.next };
  }
}

export class OffsetWalker extends Walker {
  readonly kind = 'OFFSET';
  #next: number | undefined;

  protected restart(): void {
    this.#next = 0;
  }

  protected async page(node: Node) {
    const page = await this.ask(node, { OFFSET: this.#next });
    if (page) this.#next = page.next;
    return page;
  }
}

export class DateWalker extends Walker {
  readonly kind = 'LAST_MESSAGE_DATE';

  protected restart(): void {}

  protected page(node: Node) {
    return this.ask(node, { LAST_MESSAGE_DATE: this.rows.at(-1)?.message.date });
  }
}
