/** One run: a few people on a real server, the model beside it, and a clock that stands still unless it is moved. */
import { randomUUID } from 'node:crypto';
import type { Config } from '../../src/config.ts';
import type { FoldingMode } from '../../src/db/folding.ts';
import { foldChats } from '../../src/db/stores/fold-store.ts';
import { insertUser } from '../../src/db/stores/user-store.ts';
import { blankUser } from '../../src/messenger/people/users.ts';
import type { Answer, Client } from '../support/client.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { createGroup } from './group-rules.ts';
import { type Chat, type GivenMessage, type GroupType, Model } from './model.ts';
import type { Expected } from './rules.ts';
import { same } from './same.ts';

/** More than the members a chat may have before its messages are no longer written to each member's row. */
const CROWD = 105;
/** With its owner and one more this makes a chat of exactly as many members as a narrow one may have. */
const NEARLY_A_CROWD = 98;
const NAMES = ['Ann', 'Bob', 'Cid', 'Dot', 'Eve', 'Fay'] as const;
/** Somebody from outside. */
const GUEST = NAMES.indexOf('Fay');

/** How the server may remember answers, and when it folds. A server that never folds by itself does so where a run says it. */
export type Conduct = readonly [name: string, settings: Partial<Config>, folding: FoldingMode, foldsInRuns: boolean];

const KEEPING: ReadonlyArray<readonly [string, Partial<Config>]> = [
  ['with the answers of active users kept', {}], ['with room for few answers', { cacheMb: 0.02 }], ['with no answer kept', { cacheMb: 0 }],
];
const FOLDING: ReadonlyArray<readonly [string, FoldingMode, boolean]> = [
  ['folding at random moments', 'never', true], ['folding at once', 'at-once', false], ['never folding', 'never', false],
];

/** Each way of keeping with each way of folding. */
export const CONDUCTS: readonly Conduct[] = KEEPING.flatMap(([kept, settings]) =>
  FOLDING.map(([folded, folding, inRuns]): Conduct => [`${kept}, ${folded}`, settings, folding, inRuns]),
);

/** Three of them, in which each way of keeping and of folding occurs once; other ones for other numbers. */
export function someConducts(number: number): readonly Conduct[] {
  return KEEPING.map((_, index) => CONDUCTS[KEEPING.length * index + ((index + number) % FOLDING.length)]!);
}

export interface Arena extends AsyncDisposable {
  portal: TestServer;
  /** People who only fill chats. */
  crowd: readonly number[];
  /** Moves the clock, which otherwise stands still. Milliseconds. */
  advance(ms: number): void;
  /** Folds one chat, or all of them, where runs say when. */
  fold(chatId: number | undefined): Promise<void>;
}

/** A server whose clock stands still, so that what happens together has the same date. */
export async function openArena([, settings, folding, foldsInRuns]: Conduct): Promise<Arena> {
  const portal = await startTestServer(settings, { folding });
  let instant = Math.ceil(portal.clock.now() / 1000) * 1000;
  portal.clock.now = () => instant;
  const blank = blankUser(instant);
  const crowd = await portal.server.context.db.write(async (s) => {
    const ids: number[] = [];
    for (let i = 1; i <= CROWD; i++) ids.push(await insertUser(s, { ...blank, first_name: `Extra${i}` }));
    return ids;
  });
  return {
    portal,
    crowd,
    advance(ms) {
      instant += ms;
      portal.clock.advance(ms);
    },
    async fold(chatId) {
      const { db, folding } = portal.server.context;
      if (!foldsInRuns) return;
      await (chatId === undefined ? folding.foldAll() : db.write((s) => foldChats(s, [chatId])));
    },
    [Symbol.asyncDispose]: () => portal[Symbol.asyncDispose](),
  };
}

/** A call and what it should do. */
export interface Step {
  actor: number;
  method: string;
  params: Record<string, unknown>;
  /** Applies the call to the model. `result` is the server's answer, for ids that the server chooses. */
  rule(result: unknown): Expected;
}

export class Stage {
  readonly arena: Arena;
  readonly model = new Model();
  /** The people of this run; the first is an administrator. */
  readonly cast: Client[] = [];
  readonly log: string[] = [];
  /** What each user's rows were at the last look at everything, and when that was. See audit.ts. */
  seen: { at: number; rows: Map<number, Map<number, string>> } | undefined;
  readonly #uuids = new Map<number, string>();
  #begin = 0;
  #topMessage = 0;

  private constructor(arena: Arena) {
    this.arena = arena;
  }

  /** New people, with a closed chat, an open one, a wide open one, one that is wide with one member more, and an open channel. */
  static async set(arena: Arena): Promise<Stage> {
    const stage = new Stage(arena);
    arena.advance(1000 - (arena.portal.clock.now() % 1000));
    stage.#begin = stage.#now();
    for (const [index, name] of NAMES.entries()) {
      stage.cast.push(await arena.portal.addUser(name, { admin: index === 0 ? 1 : 0, extranet: index === GUEST ? 1 : 0 }));
    }
    const { users } = stage.model;
    for (const { userId } of stage.cast) users.set(userId, { id: userId, name: '', active: true, admin: false, guest: false, changedAt: 0 });
    for (const [index, name] of NAMES.entries()) Object.assign(users.get(stage.id(index))!, { name, admin: index === 0, guest: index === GUEST });
    arena.crowd.forEach((id, index) => users.set(id, { id, name: `Extra${index + 1}`, active: true, admin: false, guest: false, changedAt: 0 }));
    stage.#topMessage = (await stage.#newMessages()).at(-1)?.id ?? 0;
    const { crowd } = arena;
    await stage.#group(1, 'C', 'Team', [0, 2].map((index) => stage.id(index)));
    await stage.#group(3, 'O', 'Open', []);
    await stage.#group(1, 'O', 'Everybody', [0, 2, 3, 4, GUEST].map((index) => stage.id(index)).concat(crowd));
    await stage.#group(1, 'C', 'Nearly wide', [stage.id(3), ...crowd.slice(0, NEARLY_A_CROWD)]);
    await stage.#group(4, 'J', 'News', [stage.id(3)]);
    return stage;
  }

  id(index: number): number {
    return this.cast[index]!.userId;
  }

  client(userId: number): Client {
    return this.cast.find((client) => client.userId === userId)!;
  }

  name(userId: number): string {
    return this.model.user(userId).name;
  }

  uuid(index: number): string {
    const uuid = this.#uuids.get(index) ?? randomUUID();
    this.#uuids.set(index, uuid);
    return uuid;
  }

  groups(): Chat[] {
    return [...this.model.chats.values()].filter((held) => held.type !== 'P' && held.type !== 'T');
  }

  /** @param group number of a group chat; null for all that is warm */
  fold(group: number | null): Promise<void> {
    const groups = this.groups();
    return this.arena.fold(group === null ? undefined : groups[group % groups.length]?.id);
  }

  wait(ms: number): void {
    this.arena.advance(ms);
    this.model.now = this.#now();
  }

  note(line: string): void {
    this.log.push(`${((this.#now() - this.#begin) / 1000).toFixed(1).padStart(9)}s  ${line}`);
  }

  /** Makes a call and holds its answer against the rules. */
  async perform(step: Step): Promise<void> {
    const { actor, method, params } = step;
    const { body } = await this.client(actor).raw(method, params);
    const answer = outcomeOf(body);
    this.note(`${this.name(actor)} (${actor}) ${method} ${short(params)} → ${JSON.stringify(answer)}`);
    this.model.begin(this.#now());
    this.model.given = await this.#newMessages();
    this.#topMessage = this.model.given.at(-1)?.id ?? this.#topMessage;
    const expected = this.model.user(actor).active ? step.rule(body.result) : { error: 'authorization_error' };
    same(`the answer of ${method}`, answer, expected);
    same('messages that no rule knows of', this.model.given, []);
  }

  #group(owner: number, type: GroupType, title: string, userIds: number[]): Promise<void> {
    return this.perform(newGroup(this, this.id(owner), type, title, userIds, undefined));
  }

  #now(): number {
    return this.arena.portal.clock.now();
  }

  #newMessages(): Promise<GivenMessage[]> {
    return this.arena.portal.server.context.db.read((s) =>
      s.query((q) => q.selectFrom('message').select(['id', 'chat_id']).where('id', '>', this.#topMessage).orderBy('id')),
    );
  }
}

const GROUP_TYPES: Readonly<Record<GroupType, string>> = { C: 'CHAT', O: 'OPEN', N: 'CHANNEL', J: 'OPEN_CHANNEL' };

export function newGroup(
  { model }: Stage,
  actor: number,
  type: GroupType,
  title: string,
  userIds: number[],
  message: string | undefined,
): Step {
  return {
    actor,
    method: 'im.chat.add',
    params: { TITLE: title, TYPE: GROUP_TYPES[type], COLOR: 'RED', USERS: userIds, MESSAGE: message },
    rule: (result) => createGroup(model, actor, { id: Number(result), type, title, userIds, message }),
  };
}

function outcomeOf(body: Answer['body']): Expected {
  return body.error === undefined ? { result: body.result } : { error: body.error };
}

function short(params: Record<string, unknown>): string {
  const text = JSON.stringify(params);
  return text.length <= 160 ? text : `${text.slice(0, 150)}…}`;
}
