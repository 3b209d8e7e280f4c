/**
 * What one has written and the server does not have yet. In each dialog one message is sent at a time, in the order in which they were
 * written; each keeps its uuid however often it is tried, so that it arrives once. What is kept survives a reload.
 */

import type { Message } from './message.ts';

export type EchoState = 'queued' | 'sending' | 'failed';

export interface Echo {
  uuid: string;
  dialogId: string;
  /** When it was written, in milliseconds. */
  at: number;
  text: string;
  /** The message that it answers; 0 for none. */
  replyId: number;
  /** The message that it sends on, instead of a text; 0 for none. */
  forwardId: number;
  /** Files that are there already. */
  fileIds: readonly number[];
  state: EchoState;
  /** Why it was not taken. */
  error: string;
}

export type Draft = Pick<Echo, 'dialogId' | 'text'> & Partial<Pick<Echo, 'replyId' | 'forwardId' | 'fileIds'>>;

/** What became of one attempt. `later`: nobody was there to take it, or too much is being sent. */
export type Attempt = { taken: number } | { refused: string } | { later: true };

/** The message that the server has made of it, until it says so itself. */
export function writtenHere({ text, uuid, at, replyId }: Echo, id: number): Omit<Message, 'chatId' | 'authorId'> {
  return { id, at, text, uuid, params: replyId ? { REPLY_ID: replyId } : {}, forward: null, reactions: {}, edited: false, deleted: false };
}

export interface OutboxOptions {
  send: (echo: Echo) => Promise<Attempt>;
  /** Keeps and forgets what is not sent, over reloads. */
  keep: (echo: Echo) => void;
  forget: (uuid: string) => void;
  /** Called whenever what shows has changed. */
  changed: (dialogId: string) => void;
  now: () => number;
  uuid: () => string;
}

export class Outbox {
  readonly #options: OutboxOptions;
  readonly #byDialog = new Map<string, Echo[]>();
  readonly #busy = new Set<string>();
  #online = true;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  /** What waits in a dialog, in order. */
  of(dialogId: string): readonly Echo[] {
    return this.#byDialog.get(dialogId) ?? [];
  }

  /** The dialogs in which something waits. */
  get dialogs(): string[] {
    return [...this.#byDialog.keys()];
  }

  /** What was kept before the page was loaded; what was being sent then is tried again. */
  restore(kept: readonly Echo[]): void {
    for (const echo of kept.toSorted((a, b) => a.at - b.at)) {
      if (this.of(echo.dialogId).some(({ uuid }) => uuid === echo.uuid)) continue;
      this.#put([...this.of(echo.dialogId), { ...echo, state: echo.state === 'failed' ? 'failed' : 'queued' }], echo.dialogId);
    }
    for (const dialogId of this.dialogs) this.#drain(dialogId);
  }

  add(draft: Draft): Echo {
    // Two of the same millisecond keep their order over a reload.
    const last = this.of(draft.dialogId).at(-1)?.at ?? 0;
    const echo: Echo = {
      replyId: 0, forwardId: 0, fileIds: [], ...draft, uuid: this.#options.uuid(), at: Math.max(this.#options.now(), last + 1), state: 'queued', error: '',
    };
    this.#put([...this.of(draft.dialogId), echo], draft.dialogId);
    this.#options.keep(echo);
    this.#drain(draft.dialogId);
    return echo;
  }

  /** Tries what failed again, and so all that waits behind it. */
  retry(dialogId: string): void {
    for (const echo of this.of(dialogId)) if (echo.state === 'failed') this.#set(echo, { state: 'queued', error: '' });
    this.#drain(dialogId);
  }

  /** Takes back what is not sent. What is on its way stays. */
  remove(dialogId: string, uuid: string): void {
    const echo = this.of(dialogId).find((one) => one.uuid === uuid);
    if (!echo || echo.state === 'sending') return;
    this.#drop(dialogId, uuid);
    this.#drain(dialogId);
  }

  /** A message has arrived, though its answer may be under way still: its echo is over. */
  arrived(dialogId: string, uuid: string): void {
    if (this.of(dialogId).some((one) => one.uuid === uuid)) this.#drop(dialogId, uuid);
  }

  /** While nobody can be reached nothing is tried; what waits goes out when somebody can. */
  set online(online: boolean) {
    this.#online = online;
    if (online) for (const dialogId of this.dialogs) this.#drain(dialogId);
  }

  #drain(dialogId: string): void {
    if (!this.#online || this.#busy.has(dialogId)) return;
    const [next] = this.of(dialogId);
    if (next?.state !== 'queued') return;
    this.#busy.add(dialogId);
    this.#set(next, { state: 'sending' });
    void this.#try({ ...next, state: 'sending' }).finally(() => {
      this.#busy.delete(dialogId);
      this.#drain(dialogId);
    });
  }

  async #try(echo: Echo): Promise<void> {
    const attempt = await this.#options.send(echo).catch((): Attempt => ({ later: true }));
    const current = this.of(echo.dialogId).find(({ uuid }) => uuid === echo.uuid);
    if (!current) return;
    if ('taken' in attempt) this.#drop(echo.dialogId, echo.uuid);
    else if ('refused' in attempt) this.#set(current, { state: 'failed', error: attempt.refused });
    else {
      // Whoever says that somebody can be reached again goes on.
      this.#online = false;
      this.#set(current, { state: 'queued' });
    }
  }

  #set(echo: Echo, change: Partial<Echo>): void {
    const changed = { ...echo, ...change };
    this.#put(this.of(echo.dialogId).map((one) => (one.uuid === echo.uuid ? changed : one)), echo.dialogId);
    this.#options.keep(changed);
  }

  #drop(dialogId: string, uuid: string): void {
    this.#options.forget(uuid);
    this.#put(this.of(dialogId).filter((one) => one.uuid !== uuid), dialogId);
  }

  #put(echoes: Echo[], dialogId: string): void {
    if (echoes.length > 0) this.#byDialog.set(dialogId, echoes);
    else this.#byDialog.delete(dialogId);
    this.#options.changed(dialogId);
  }
}
