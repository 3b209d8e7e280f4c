/** Two people whose clients sync, each in its own way, while somebody plays with the machine's clock. */
import fc from 'fast-check';
import { expect } from 'vitest';
import type { Client } from './client.ts';
import { type Row, say, stable } from './people.ts';
import { movedTo, type TestServer } from './server.ts';

export const SECOND = 1000;
export const HOUR = 3600 * SECOND;
export const DAY = 24 * HOUR;
export const YEAR = 365 * DAY;

export interface Answer {
  result: Row[];
  time: { date_start: string; date_finish: string; start: number; finish: number };
}

/** How a client says what it has. */
export const KINDS = {
  'the start of the last call, as LAST_SYNC_DATE': ({ time }: Copy) => ({ LAST_SYNC_DATE: time!.date_start }),
  'the start of the last call, as LAST_UPDATE': ({ time }: Copy) => ({ LAST_UPDATE: time!.date_start }),
  'the newest change it has': ({ rows }: Copy) => ({
    LAST_SYNC_DATE: [...rows.values()].reduce((newest, row) => (Date.parse(row.date_update) > Date.parse(newest) ? row.date_update : newest), '1970-01-01T00:00:00Z'),
  }),
};

export interface Copy {
  since: (copy: Copy) => Record<string, string>;
  rows: Map<number, Row>;
  time: Answer['time'] | undefined;
}

/** Brings a client's copy up to date, or fetches it. */
export async function sync(who: Client, copy: Copy): Promise<void> {
  const { result, time } = stable((await who.raw('im.recent.get', copy.time ? copy.since(copy) : {})).body) as unknown as Answer;
  for (const row of result) copy.rows.set(row.chat_id, row);
  copy.time = time;
}

const leap = fc.constantFrom(5 * SECOND, 61 * SECOND, HOUR, DAY, 10 * DAY, 31 * DAY, 40 * DAY, YEAR, 10 * YEAR);
const chat = fc.nat(3);
const write = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('say' as const), chat, by: fc.nat(1) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('pin' as const, 'mark' as const, 'rename' as const, 'takeBack' as const), chat }) },
);
const look = fc.record({ do: fc.constant('sync' as const), kind: fc.nat(2) });
export const change = fc.oneof(
  { weight: 6, arbitrary: write },
  { weight: 3, arbitrary: look },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.constantFrom(1, 300, SECOND, 70 * SECOND) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('set' as const), ms: fc.constantFrom(-5 * SECOND, -HOUR, -3 * HOUR, 5 * SECOND, HOUR) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('glitch' as const), ms: leap.chain((ms) => fc.constantFrom(ms, -ms)), meanwhile: fc.array(fc.oneof(write, look), { maxLength: 4 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const), ms: fc.constantFrom(0, -5 * SECOND, -HOUR, -DAY) }) },
);
type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;

/** Two people, their four chats, one of them wide, and a copy of the list for each kind of client. */
export class Scene {
  readonly #portal: TestServer;
  anna!: Client;
  boris!: Client;
  chats: number[] = [];
  copies: Copy[] = Object.values(KINDS).map((since) => ({ since, rows: new Map(), time: undefined }));
  names = 0;
  /** Ids of the messages that Anna wrote last, by chat. */
  own = new Map<number, number[]>();

  constructor(portal: TestServer) {
    this.#portal = portal;
  }

  /** @param wide who else is in the wide chat */
  async set(wide: readonly number[]): Promise<this> {
    this.anna = await this.#portal.addUser('Anna');
    this.boris = await this.#portal.addUser('Boris');
    const USERS = [this.boris.userId];
    for (let i = 0; i < 3; i += 1) this.chats.push(await this.anna.call('im.chat.add', { TITLE: `Chat ${i}`, USERS }));
    this.chats.push(await this.anna.call('im.chat.add', { TITLE: 'Wide', USERS: [...USERS, ...wide] }));
    for (const copy of this.copies) await sync(this.anna, copy);
    return this;
  }

  async do(step: Change): Promise<void> {
    if (step.do === 'pass') this.#portal.clock.advance(step.ms);
    else if (step.do === 'set') this.#portal.clock.set(step.ms);
    else if (step.do === 'sync') await sync(this.anna, this.copies[step.kind]!);
    else if (step.do === 'glitch') {
      this.#portal.clock.set(step.ms);
      for (const each of step.meanwhile) await this.do(each);
      this.#portal.clock.set(-step.ms);
    } else if (step.do === 'restart') {
      this.#portal.clock.set(step.ms);
      await this.#portal.restart();
      [this.anna, this.boris] = [movedTo(this.#portal, this.anna), movedTo(this.#portal, this.boris)];
    } else await this.#write(step.do, this.chats[step.chat]!, 'by' in step ? step.by : 0);
  }

  async #write(what: string, id: number, by: number): Promise<void> {
    const DIALOG_ID = `chat${id}`;
    const own = this.own.get(id) ?? [];
    if (what === 'say') {
      const message = await say(by === 0 ? this.anna : this.boris, DIALOG_ID);
      if (by === 0) this.own.set(id, [...own, message]);
    } else if (what === 'pin') await this.anna.call('im.recent.pin', { DIALOG_ID });
    else if (what === 'mark') await this.anna.call('im.recent.unread', { DIALOG_ID });
    else if (what === 'rename') await this.anna.call('im.chat.updateTitle', { CHAT_ID: id, TITLE: `Renamed ${(this.names += 1)}` });
    else if (own.length > 0) await this.anna.call('im.message.delete', { MESSAGE_ID: own.pop()! });
  }

  /** The list is in the order of sending, and what each client made of its syncs is the list. */
  async check(): Promise<void> {
    const list = stable(await this.anna.call<Row[]>('im.recent.get'));
    const { items } = stable(await this.anna.call<{ items: Row[] }>('im.recent.list', { LIMIT: 200 }));
    expect(list.map((row) => row.chat_id).sort()).toEqual(this.chats.toSorted());
    expect(items).toEqual(list);
    const sent = list.toSorted((a, b) => Number(b.pinned) - Number(a.pinned) || b.message.id - a.message.id);
    expect(list.map((row) => row.message.id)).toEqual(sent.map((row) => row.message.id));
    for (const [kind, copy] of this.copies.entries()) {
      await sync(this.anna, copy);
      const rows = list.map((row) => copy.rows.get(row.chat_id));
      expect({ kind: Object.keys(KINDS)[kind], rows }).toEqual({ kind: Object.keys(KINDS)[kind], rows: list });
    }
  }
}
