/** One run: people with some chats, clients that sync their lists, and calls that go on while others are held. */
import { TIMEZONE } from '../../src/db/stores/mark-store.ts';
import { writeSetting } from '../../src/db/stores/portal-store.ts';
import type { Held } from '../support/held-store.ts';
import { BACKGROUND, type BackgroundWork } from './background.ts';
import type { SyncClient } from './copies.ts';
import type { Place } from './gate.ts';
import type { Node, Portal } from './nodes.ts';
import { addUserIn } from './people.ts';
import type { Call } from './writers.ts';

/** The first is an administrator and is never dismissed, the last one is a guest. */
const NAMES = ['Ann', 'Bob', 'Cid', 'Dot', 'Fay'] as const;
export const PEOPLE = NAMES.length;
export const GUEST = PEOPLE - 1;

export interface Person {
  name: string;
  id: number;
  /** Secret of the webhook. */
  code: string;
}

/** An answer as it came, with what was in its head. */
export interface Reply {
  status: number;
  headers: Headers;
  body: { result?: unknown; error?: string; next?: number; time?: { date_start: string } };
}

/** Where a call is to be stopped, and for how many of the following steps. */
export interface Stop {
  place: Place;
  steps: number;
}

/** Dialogs whose rows may have moved within somebody's list, or were out of it for a while. */
export type Effects = Pick<Call, 'moves' | 'removes'>;

interface Task {
  line: string;
  ended: Promise<void>;
  isOver: boolean;
  held?: { by: Held; until: number } | undefined;
}

/** Round trips that other calls make before one that does not get on counts as waiting for one that is held. */
const ROUND_TRIPS = 4;

export class Scene {
  readonly portal: Portal;
  readonly people: Person[] = [];
  readonly chats: number[] = [];
  readonly log: string[] = [];
  /** Messages that were written in the run, the newest last. */
  readonly messages: Array<{ id: number; by: number; dialog: number | string }> = [];
  /** What calls have done to lists, in the order in which they ended. */
  readonly effects: Effects[] = [];
  /** Number of the step that is under way. */
  step = 0;
  #tasks: Task[] = [];
  readonly #syncing = new Set<SyncClient>();
  readonly #offsets = new Map<Node, number>();
  readonly #underWay = new Set<Effects>();
  readonly #restarts = new Map<Node, number>();
  readonly #dismissed = new Set<number>();
  #failure: Error | undefined;
  readonly #begin = performance.now();

  constructor(portal: Portal) {
    this.portal = portal;
  }

  static async set(portal: Portal): Promise<Scene> {
    const scene = new Scene(portal);
    for (const [index, name] of NAMES.entries()) {
      scene.people.push(await addUserIn(portal, name, { admin: index === 0 ? 1 : 0, extranet: index === GUEST ? 1 : 0, work_position: `Position of ${name}` }));
    }
    const { crowd } = portal;
    await scene.#chat(1, 'Team', [0, 2, GUEST]);
    await scene.#chat(2, 'Wide', [0, 1, 3, GUEST], crowd);
    await scene.#chat(1, 'Nearly wide', [0, 2], crowd.slice(0, 97));
    await scene.#chat(3, 'Open', [0], [], 'OPEN');
    await scene.#chat(2, 'Second', [0, 1]);
    for (const [from, to] of [[1, 0], [2, 0], [0, 3], [2, 1], [3, 1], [GUEST, 1], [2, GUEST]] as const) {
      await scene.perform(scene.node(0), from, 'im.message.add', { DIALOG_ID: scene.id(to), MESSAGE: 'Hello' });
    }
    return scene;
  }

  id(index: number): number {
    return this.people[index]!.id;
  }

  node(index: number): Node {
    return this.portal.nodes[index % this.portal.nodes.length]!;
  }

  note(line: string): void {
    this.log.push(`${String(this.step).padStart(3)} ${(performance.now() - this.#begin).toFixed(0).padStart(6)} ms  ${line}`);
  }

  /** A call as a client would make it; one that fails on the server's side ends the run. */
  async call(node: Node, person: Person, method: string, params: Record<string, unknown>, headers: Record<string, string> = {}, signal?: AbortSignal): Promise<Reply> {
    const response = await fetch(`${node.http}/rest/${person.id}/${person.code}/${method}`, {
      method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(params), signal: signal ?? null,
    });
    const text = await response.text();
    if (response.status >= 500) throw new Error(`${method} of ${person.name}: ${response.status} ${text}`);
    return { status: response.status, headers: response.headers, body: text === '' ? {} : (JSON.parse(text) as Reply['body']) };
  }

  /** Makes a call of somebody's and notes what came of it. */
  async perform(node: Node, by: number, method: string, params: Record<string, unknown>): Promise<unknown> {
    const person = this.people[by]!;
    const { body } = await this.call(node, person, method, params);
    this.note(`${node.name} ${person.name} (${person.id}) ${method} ${short(params)} → ${short(body.error ?? body.result)}`);
    return body.error === undefined ? body.result : undefined;
  }

  /** Begins a write. */
  async launchCall(nodeIndex: number, call: Call, stop: Stop | undefined): Promise<void> {
    const { by, method, params } = call;
    const [node, person] = [this.node(nodeIndex), this.people[by]!];
    this.#underWay.add(call);
    await this.launch(node, `${person.name} ${method} ${short(params)}`, stop, async () => {
      const result = await this.perform(node, by, method, params);
      this.effects.push(call);
      this.#underWay.delete(call);
      this.#learn(call, result);
    });
  }

  /** Begins a sync, or a page; the client's own one before it ends first. */
  async launchSync(nodeIndex: number, client: SyncClient, stop: Stop | undefined): Promise<void> {
    if (this.#syncing.has(client)) await this.settle();
    if (!this.mayCall(client.owner)) return;
    const node = this.node(nodeIndex);
    this.#syncing.add(client);
    await this.launch(node, `${client.owner.name} syncs by ${client.kind}`, stop, () => client.sync(node).finally(() => this.#syncing.delete(client)));
  }

  /** The zone of all dates is changed, as the command does it. */
  async setZone(nodeIndex: number, zone: string, stop: Stop | undefined): Promise<void> {
    const node = this.node(nodeIndex);
    await this.launch(node, `zone ${zone}`, stop, async () => {
      await node.context.db.write((s) => writeSetting(s, TIMEZONE, zone));
      this.note(`zone ${zone}`);
    });
  }

  /** Begins what a server does by itself. */
  async launchBackground(nodeIndex: number, work: BackgroundWork, stop: Stop | undefined): Promise<void> {
    const node = this.node(nodeIndex);
    // What is left behind by trimming must not be on its way.
    if (work === 'trim') await this.settle();
    this.note(`${node.name} ${work}`);
    await this.launch(node, work, stop, () => BACKGROUND[work](this, node));
  }

  /** Whether somebody is let in. While that changes, nobody knows. */
  mayCall(person: Person): boolean {
    return !this.#dismissed.has(person.id);
  }

  /** @param count how many effects were known of then */
  effectsSince(count: number): Effects[] {
    return [...this.effects.slice(count), ...this.#underWay];
  }

  /** Tells a server from what it is after its next restart. */
  lifeOf(node: Node): string {
    return `${node.name}${this.#restarts.get(node) ?? 0}`;
  }

  /** Time passes everywhere. */
  async advance(ms: number): Promise<void> {
    this.note(`${ms} ms pass`);
    for (const { clock } of this.portal.nodes) clock.advance(ms);
  }

  /** The clock of a node is set, milliseconds from where it stood at first. */
  async setClock(nodeIndex: number, ms: number): Promise<void> {
    const node = this.node(nodeIndex);
    node.clock.set(ms - (this.#offsets.get(node) ?? 0));
    this.#offsets.set(node, ms);
    this.note(`${node.name} clock set to ${ms} ms`);
  }

  async restart(nodeIndex: number): Promise<void> {
    await this.settle();
    const node = this.node(nodeIndex);
    // Whoever waits for it may be cut off from here on.
    this.#restarts.set(node, (this.#restarts.get(node) ?? 0) + 1);
    await node.restart();
    this.note(`${node.name} restarted`);
  }

  resetClocks(): void {
    for (const [node, ms] of this.#offsets) node.clock.set(-ms);
  }

  /** A date so many seconds from now, by the first node's clock. */
  atom(seconds: number): string {
    return new Date(Math.floor(this.node(0).clock.now() / 1000 + seconds) * 1000).toISOString();
  }

  #learn({ by, method, params }: Call, result: unknown): void {
    if (result === undefined) return;
    if (method === 'im.message.add') this.messages.push({ id: Number(result), by, dialog: params['DIALOG_ID'] as number | string });
    if (params['ACTIVE'] === 'N') this.#dismissed.add(Number(params['ID']));
    else if (params['ACTIVE'] === 'Y') this.#dismissed.delete(Number(params['ID']));
  }

  /**
   * Begins something on a node. Resolves once it is over, or is stopped where it is to be, or does not get on because of
   * another that is stopped.
   */
  async launch(node: Node, line: string, stop: Stop | undefined, work: () => Promise<unknown>): Promise<void> {
    const held = stop && node.gate.hold(stop.place);
    const task: Task = { line, isOver: false, ended: Promise.resolve() };
    task.ended = work().then(() => {}, (error: unknown) => this.fail(line, error)).then(() => {
      task.isOver = true;
    });
    this.#tasks.push(task);
    const others = this.#tasks.some((other) => other.held) ? this.#roundTrips() : undefined;
    const how = await Promise.race([task.ended, held?.reached.then(() => 'held' as const), others].filter((each) => each !== undefined));
    if (how === 'held') {
      task.held = { by: held!, until: this.step + stop!.steps };
      this.note(`${node.name} ${line}: held at ${stop!.place}`);
    } else held?.release();
    await this.#sweep();
  }

  /** Lets those go on whose time has come. */
  async nextStep(): Promise<void> {
    this.step += 1;
    const due = this.#tasks.filter(({ held }) => held && held.until <= this.step);
    for (const task of due) this.#release(task);
    if (due.length > 0) await this.#sweep(due);
  }

  /** Lets everybody go on and waits until all is over. */
  async settle(): Promise<void> {
    for (const task of this.#tasks) if (task.held) this.#release(task);
    await this.#sweep();
  }

  /** @throws what has gone wrong so far */
  check(): void {
    if (this.#failure) throw this.#failure;
  }

  #release(task: Task): void {
    task.held!.by.release();
    task.held = undefined;
    this.note(`${task.line}: released`);
  }

  /** Waits for whoever can end now, and forgets who has ended. */
  async #sweep(released: readonly Task[] = []): Promise<void> {
    if (this.#tasks.every(({ held }) => !held)) await Promise.all(this.#tasks.map(({ ended }) => ended));
    else if (released.length > 0) await Promise.race([Promise.all(released.map(({ ended }) => ended)), this.#roundTrips()]);
    // What was stopped may be something that the server does besides.
    this.#tasks = this.#tasks.filter(({ isOver, held }) => held || !isOver);
  }

  /** Calls would not do: all of them wait for a node that is held while it writes down what is due, or how far it may date. */
  async #roundTrips(): Promise<void> {
    for (let i = 0; i < ROUND_TRIPS; i++) {
      for (const node of this.portal.nodes) {
        await fetch(`${node.http}/healthz`);
        await node.context.db.ping();
      }
    }
  }

  fail(line: string, error: unknown): void {
    this.#failure ??= new Error(`${line}: ${(error as Error).message}`, { cause: error });
  }

  async #chat(owner: number, TITLE: string, members: readonly number[], crowd: readonly number[] = [], TYPE = 'CHAT'): Promise<void> {
    const USERS = [...members.map((index) => this.id(index)), ...crowd];
    this.chats.push(Number(await this.perform(this.node(0), owner, 'im.chat.add', { TITLE, TYPE, USERS })));
  }
}

function short(value: unknown): string {
  const text = JSON.stringify(value) ?? '';
  return text.length <= 120 ? text : `${text.slice(0, 110)}…`;
}
