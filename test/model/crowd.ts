/** Clients that do things at random, all at once, and what they were answered. */
import { isDeepStrictEqual } from 'node:util';
import type { Answer, Client } from '../support/client.ts';
import { historyOf, isDeleted, type WireMessage } from './recount.ts';
import { same } from './same.ts';

interface Sent {
  author: number;
  dialog: string | number;
  text: string;
  /** A deletion was answered. */
  deleted: boolean;
}

/** What may go wrong when others are quicker: the message is gone, deleted or out of reach, the chat was left. */
const LOST_RACES = new Set(['MESSAGE_ID_ERROR', 'CANT_EDIT_MESSAGE', 'ACCESS_ERROR', 'ACCESS_DENIED_KICK']);

export class Crowd {
  readonly #clients: readonly Client[];
  readonly #groups: readonly string[];
  readonly #seed: number;
  /** Answered sends by message id. */
  readonly #sent = new Map<number, Sent>();
  #state: number;

  constructor(clients: readonly Client[], chatIds: readonly number[], seed: number) {
    this.#clients = clients;
    this.#groups = chatIds.map((id) => `chat${id}`);
    this.#seed = seed;
    this.#state = seed;
  }

  /** Everybody does `times` things, one after the other but all at once with the others. */
  async act(times: number): Promise<void> {
    await Promise.all(
      this.#clients.map(async (client) => {
        for (let i = 0; i < times; i++) await this.#doSomething(client);
      }),
    );
  }

  /** Adds to a failure how to repeat the choices that led to it. */
  async explain<T>(check: () => Promise<T>): Promise<T> {
    try {
      return await check();
    } catch (error) {
      throw new Error(`${(error as Error).message}\nChoices again with TIDEMARK_MODEL_SEED=${this.#seed}`, { cause: error });
    }
  }

  /** Every answered message is there once, with its text, unless its deletion was answered too. */
  async checkMessages(): Promise<void> {
    const found = new Map<number, WireMessage>();
    for (const client of this.#clients) {
      for (const dialog of this.#dialogsOf(client)) {
        if (!(await this.#isMember(client, dialog))) continue;
        for (const message of await historyOf(client, dialog)) found.set(message.id, message);
      }
    }
    for (const [id, sent] of this.#sent) {
      const message = found.get(id);
      const expected = sent.deleted ? undefined : { id, author: sent.author, text: sent.text };
      const actual = message && !isDeleted(message) ? { id, author: message.author_id, text: message.text } : undefined;
      if (!isDeepStrictEqual(actual, expected)) same(`message ${id} in ${sent.dialog}`, actual, expected);
    }
  }

  #dialogsOf(client: Client): Array<string | number> {
    return [...this.#groups, ...this.#clients.map(({ userId }) => userId).filter((id) => id <= client.userId)];
  }

  async #isMember(client: Client, dialog: string | number): Promise<boolean> {
    const { body } = await client.raw('im.dialog.get', { DIALOG_ID: dialog });
    return body.error === undefined;
  }

  async #doSomething(client: Client): Promise<unknown> {
    const dialog = this.#pick([...this.#groups, ...this.#groups, ...this.#groups, this.#pick(this.#clients).userId]);
    const flag = this.#pick(['Y', 'N'] as const);
    const action = this.#pick(['send', 'send', 'send', 'send', 'read', 'read', 'delete', 'edit', 'look', 'row', 'leave'] as const);
    switch (action) {
      case 'send':
        return this.#send(client, dialog);
      case 'read':
        return this.#call(client, 'im.dialog.read', { DIALOG_ID: dialog, MESSAGE_ID: flag === 'Y' ? this.#message(dialog) : undefined });
      case 'delete':
        return this.#delete(client, this.#message(dialog));
      case 'edit':
        return this.#edit(client, dialog);
      case 'look':
        return this.#call(client, this.#pick(['im.recent.get', 'im.recent.list', 'im.counters.get']), {});
      case 'leave':
        return flag === 'Y' ? this.#call(client, 'im.chat.leave', { CHAT_ID: this.#groups[1]!.slice(4) }) : undefined;
      case 'row':
        return this.#changeRow(client, dialog, flag);
    }
  }

  async #changeRow(client: Client, dialog: string | number, flag: 'Y' | 'N'): Promise<void> {
    const [method, params] = this.#pick([
      ['im.dialog.unread', { MESSAGE_ID: this.#message(dialog) }],
      ['im.recent.unread', { ACTION: flag }],
      ['im.recent.pin', { PIN: flag }],
      ['im.chat.mute', { MUTE: flag }],
      ['im.recent.hide', {}],
      ['im.dialog.read.all', {}],
    ] as const);
    await this.#call(client, method, { DIALOG_ID: dialog, ...params });
    // Nothing that is unread stays in a row that does not show.
    if (method === 'im.recent.hide') await this.#send(client, dialog);
  }

  async #send(client: Client, dialog: string | number): Promise<void> {
    const text = `Text ${this.#next()}-${client.userId}`;
    const body = await this.#call(client, 'im.message.add', { DIALOG_ID: dialog, MESSAGE: text });
    if (body.error !== undefined) return;
    const id = body.result as number;
    same('messages answered with one id', this.#sent.get(id), undefined);
    this.#sent.set(id, { author: client.userId, dialog, text, deleted: false });
  }

  async #delete(client: Client, id: number): Promise<void> {
    const body = await this.#call(client, 'im.message.delete', { MESSAGE_ID: id });
    const sent = this.#sent.get(id);
    if (body.error === undefined && sent) sent.deleted = true;
  }

  /** Only one's own: nobody else writes there meanwhile. */
  async #edit(client: Client, dialog: string | number): Promise<void> {
    const id = this.#message(dialog, client.userId);
    const sent = this.#sent.get(id);
    const text = `Edited ${this.#next()}-${client.userId}`;
    const body = await this.#call(client, 'im.message.update', { MESSAGE_ID: id, MESSAGE: text });
    if (body.error === undefined && sent) sent.text = text;
  }

  async #call(client: Client, method: string, params: Record<string, unknown>): Promise<Answer['body']> {
    const { body } = await client.raw(method, params);
    if (body.error !== undefined && !LOST_RACES.has(body.error)) {
      throw new Error(`${method} ${JSON.stringify(params)}: ${body.error} ${body.error_description}`);
    }
    return body;
  }

  /** One of the last messages that were answered in a dialog. */
  #message(dialog: string | number, author?: number): number {
    const ids = [...this.#sent].filter(([, sent]) => sent.dialog === dialog && (author === undefined || sent.author === author));
    return ids.length === 0 ? 1 : this.#pick(ids.slice(-6))[0];
  }

  #pick<T>(choices: readonly T[]): T {
    return choices[this.#next() % choices.length]!;
  }

  /** A small generator of the kind called mulberry32: the same seed, the same numbers. */
  #next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }
}
