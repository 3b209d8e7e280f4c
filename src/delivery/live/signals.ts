/** What is worth telling only now: who is writing, who has come or gone. Told to all nodes, kept nowhere. */
import { chatsAmong, connectedMembers, partnersOf } from '../../db/stores/live-store.ts';
import { findUsers } from '../../db/stores/user-store.ts';
import type { Messenger } from '../../messenger/messenger.ts';
import { TOLD_READING } from './gathering.ts';
import type { Happening } from './happening.ts';
import type { People } from './people.ts';
import type { Gathered, Told } from './told.ts';

/** How long comings and goings are collected, milliseconds: who only reloads a page has not gone. */
const GATHER_MS = 1000;
/** Somebody who goes on writing is told of no more often than this, milliseconds. */
const WRITING_EVERY_MS = 2000;
/** People of one signal. */
const PEOPLE_AT_ONCE = 100;
/** Partners who are told of one's coming and going. */
const MOST_PARTNERS = 2000;
/** Signals that wait to be told here; beyond it they are lost. */
const MOST_WAITING = 1000;

const TOPIC = { writing: 'writing', presence: 'presence' } as const;

export interface SignalsOptions {
  m: Messenger;
  people: People;
  tell(gathered: Gathered): Promise<void>;
  failed(fault: unknown): void;
}

interface Writing {
  chatId: number;
  userId: number;
  action: 'text' | 'voice';
}

interface Presence {
  online: number[];
  offline: number[];
}

export class Signals {
  readonly #options: SignalsOptions;
  readonly #unsubscribe: () => void;
  /** Who has come or gone since it was told last. */
  readonly #moved = new Set<number>();
  /** When somebody was last told to be writing, by chat and user. */
  readonly #wrote = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  #waiting: Array<() => Promise<void>> = [];
  #working = false;

  constructor(options: SignalsOptions) {
    this.#options = options;
    this.#unsubscribe = options.m.wakes.subscribeSignals((topic, detail) => this.#hear(topic, detail));
  }

  close(): void {
    this.#unsubscribe();
    clearTimeout(this.#timer);
    this.#waiting = [];
  }

  /** Somebody writes, or records what they say. */
  writing(chatId: number, userId: number, action: Writing['action']): void {
    const key = `${chatId} ${userId} ${action}`;
    const now = performance.now();
    if (now - (this.#wrote.get(key) ?? -Infinity) < WRITING_EVERY_MS) return;
    if (this.#wrote.size >= MOST_WAITING) this.#wrote.clear();
    this.#wrote.set(key, now);
    this.#options.m.wakes.signal(TOPIC.writing, JSON.stringify({ chatId, userId, action } satisfies Writing));
  }

  came(userId: number): void {
    this.#move(userId);
  }

  went(userId: number): void {
    this.#move(userId);
  }

  /** What clients have other clients told, on whichever node. */
  publish(topic: string, detail: string): void {
    this.#options.m.wakes.signal(`client ${topic}`, detail);
  }

  #move(userId: number): void {
    this.#moved.add(userId);
    this.#timer ??= setTimeout(() => this.#tellMoved(), GATHER_MS).unref();
  }

  #tellMoved(): void {
    this.#timer = undefined;
    const moved = [...this.#moved];
    this.#moved.clear();
    for (let i = 0; i < moved.length; i += PEOPLE_AT_ONCE) {
      const some = moved.slice(i, i + PEOPLE_AT_ONCE);
      const isHere = (id: number) => this.#options.people.ids.has(id);
      const presence: Presence = { online: some.filter(isHere), offline: some.filter((id) => !isHere(id)) };
      this.#options.m.wakes.signal(TOPIC.presence, JSON.stringify(presence));
    }
  }

  #hear(topic: string, detail: string): void {
    const { people } = this.#options;
    if (people.ids.size === 0) return;
    if (topic === TOPIC.writing) this.#later(() => this.#tellWriting(JSON.parse(detail) as Writing));
    else if (topic === TOPIC.presence) this.#hearPresence(JSON.parse(detail) as Presence);
    else if (topic.startsWith('client ')) this.#later(() => this.#tellAll({ kind: 'signal', topic: topic.slice('client '.length), detail }));
  }

  #hearPresence({ online, offline }: Presence): void {
    // Gone from another node, and still here: that node has told the others otherwise.
    for (const id of offline) if (this.#options.people.ids.has(id)) this.#move(id);
    this.#later(() => this.#tellPresence({ online, offline: offline.filter((id) => !this.#options.people.ids.has(id)) }));
  }

  /** One after the other. */
  #later(work: () => Promise<void>): void {
    if (this.#waiting.length >= MOST_WAITING) return;
    this.#waiting.push(work);
    if (!this.#working) void this.#work();
  }

  async #work(): Promise<void> {
    this.#working = true;
    for (let work = this.#waiting.shift(); work; work = this.#waiting.shift()) await work().catch(this.#options.failed);
    this.#working = false;
  }

  async #tellWriting({ chatId, userId, action }: Writing): Promise<void> {
    const { m, people } = this.#options;
    const gathered = new Map<number, Told>();
    await m.db.read(async (s) => {
      const [[chat], [user]] = await Promise.all([chatsAmong(s, [chatId]), findUsers(s, [userId])]);
      if (!chat || !user || chat.member_count > TOLD_READING) return;
      const news: Happening = { kind: 'writing', chat, user, action };
      for (const id of (await connectedMembers(s, [chatId], people.ids)).get(chatId)!) if (id !== userId) gathered.set(id, toldOf(news, chatId));
    });
    await this.#options.tell(gathered);
  }

  async #tellPresence({ online, offline }: Presence): Promise<void> {
    const { m, people } = this.#options;
    const gathered = new Map<number, Told>();
    await m.db.read(async (s) => {
      const byReader = new Map<number, Array<{ user: Awaited<ReturnType<typeof findUsers>>[number]; online: boolean }>>();
      for (const user of await findUsers(s, [...online, ...offline])) {
        for (const partnerId of await partnersOf(s, user.id, MOST_PARTNERS)) {
          if (partnerId === user.id || !people.ids.has(partnerId)) continue;
          byReader.set(partnerId, [...(byReader.get(partnerId) ?? []), { user, online: online.includes(user.id) }]);
        }
      }
      for (const [readerId, users] of byReader) gathered.set(readerId, toldOf({ kind: 'presence', users }));
    });
    await this.#options.tell(gathered);
  }

  #tellAll(news: Happening): Promise<void> {
    return this.#options.tell(new Map([...this.#options.people.ids].map((id) => [id, toldOf(news)])));
  }
}

function toldOf(news: Happening, chatId?: number): Told {
  return { news: [news], chats: new Set(chatId === undefined ? [] : [chatId]), rows: new Set(), notices: undefined, users: [] };
}
