/** What a simple client makes of our stream: a copy of the list, of the totals and of the histories it has opened. */
import type { Client } from './client.ts';
import type { Connect, Connection, Heard } from './push.ts';

type Row = Record<string, any>;

/** What has no event of its own: when people were active last. */
function settled(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('last_activity_date' in value)) return value;
  const { last_activity_date: _activity, ...rest } = value;
  return rest;
}

/** As one may compare it: messages without whether they are unread, which follows from the row. */
export interface Picture {
  rows: Row[];
  totals: unknown;
  histories: Record<string, Row[]>;
}

function picture(rows: Iterable<Row>, totals: unknown, histories: Iterable<readonly [number, Iterable<Row>]>): Picture {
  const byId = (a: Row, b: Row) => (String(a['id']) < String(b['id']) ? -1 : 1);
  const read = ({ unread: _unread, ...message }: Row) => message;
  const lists = [...histories].map(([chatId, messages]) => [chatId, [...messages].map(read).sort((a, b) => a['id'] - b['id'])] as const);
  const made = { rows: [...rows].sort(byId), totals, histories: Object.fromEntries(lists) };
  return JSON.parse(JSON.stringify(made, settled)) as Picture;
}

/** What the methods say. */
export async function truth(client: Client): Promise<Picture> {
  const { items } = await client.call<{ items: Row[] }>('im.recent.list', { LIMIT: 200 });
  const histories = await Promise.all(items.map(async (row) => [row['chat_id'] as number, await history(client, row['id'])] as const));
  return picture(items, (await client.call<Row>('im.counters.get'))['TYPE'], histories);
}

async function history(client: Client, dialogId: unknown): Promise<Row[]> {
  const { messages } = await client.call<{ messages: Row[] }>('im.dialog.messages.get', { DIALOG_ID: dialogId, LIMIT: 50 });
  return messages;
}

export class PushCopy {
  readonly #client: Client;
  readonly #connect: Connect;
  readonly #rows = new Map<number, Row>();
  readonly #histories = new Map<number, Map<number, Row>>();
  #totals: unknown;
  #connection: Connection | undefined;
  #token: string | undefined;
  #read = 0;
  /** Each is applied after those before it. */
  #applied: Promise<void> = Promise.resolve();
  /** How often it had to begin anew. */
  resets = 0;

  constructor(client: Client, connect: Connect) {
    this.#client = client;
    this.#connect = connect;
  }

  get connected(): boolean {
    return this.#connection !== undefined;
  }

  /** Goes on where it was. */
  async connect(client = this.#client): Promise<void> {
    this.#read = 0;
    this.#connection = await this.#connect(client, this.#token);
    await this.#connection.take(({ event }) => event === 'ready');
  }

  async drop(): Promise<void> {
    await this.#connection?.close();
    await this.look();
    this.#connection = undefined;
  }

  /** Applies what has been heard. */
  look(): Promise<void> {
    return (this.#applied = this.#applied.then(async () => {
      for (const heard = this.#connection?.heard ?? []; this.#read < heard.length; ) {
        const next = heard[this.#read++]!;
        await this.#apply(next);
        this.#token = next.token ?? this.#token;
      }
    }));
  }

  async now(): Promise<Picture> {
    await this.look();
    const shown = [...this.#rows.values()];
    return picture(shown, this.#totals, shown.map((row) => [row['chat_id'] as number, this.#histories.get(row['chat_id'])?.values() ?? []] as const));
  }

  async #apply({ event, data }: Heard): Promise<void> {
    if (event === 'ready') return this.#ready(data);
    if (event === 'list') return this.#list(data);
    if (event === 'message') this.#message(data);
    if (event === 'reaction') this.#reaction(data);
    if (event === 'chat') await this.#chat(data);
  }

  async #ready(data: Row): Promise<void> {
    const anew = this.#token === undefined || data['reset_required'] === true;
    this.#totals = data['counters'].TYPE;
    if (!anew) return;
    if (this.#token !== undefined) this.resets += 1;
    this.#rows.clear();
    this.#histories.clear();
    const { items } = await this.#client.call<{ items: Row[] }>('im.recent.list', { LIMIT: 200 });
    for (const row of items) {
      this.#rows.set(row['chat_id'], row);
      await this.#open(row['chat_id'], row['id']);
    }
  }

  async #list(data: Row): Promise<void> {
    for (const id of data['removed'] as unknown[]) for (const [chatId, row] of this.#rows) if (row['id'] === id) this.#rows.delete(chatId);
    for (const row of data['items'] as Row[]) {
      this.#rows.set(row['chat_id'], row);
      if (!this.#histories.has(row['chat_id'])) await this.#open(row['chat_id'], row['id']);
    }
    for (const user of data['users'] as Row[]) {
      for (const row of this.#rows.values()) if (row['user']?.id === user['id']) row['user'] = user;
    }
    this.#totals = data['counters'];
  }

  #message({ chat_id: chatId, action, message }: Row): void {
    const messages = this.#histories.get(chatId);
    if (action === 'erased') messages?.delete(message.id);
    else messages?.set(message.id, message);
  }

  #reaction({ chat_id: chatId, message_id: id, reactions }: Row): void {
    const message = this.#histories.get(chatId)?.get(id);
    if (!message) return;
    const { LIKE: _old, ...rest } = Array.isArray(message['params']) ? {} : message['params'];
    const params = reactions.like ? { ...rest, LIKE: reactions.like } : rest;
    message['params'] = Object.keys(params).length > 0 ? params : [];
  }

  /** Who comes into a chat may see more of it, or less, than the last time. */
  async #chat({ chat_id: chatId, change, joined, dialog_id: dialogId }: Row): Promise<void> {
    if (change === 'left') this.#histories.delete(chatId);
    else if (joined.includes(this.#client.userId)) await this.#open(chatId, dialogId);
  }

  async #open(chatId: number, dialogId: unknown): Promise<void> {
    // Whoever has left meanwhile hears of it.
    const messages = await history(this.#client, dialogId).catch(() => undefined);
    if (messages) this.#histories.set(chatId, new Map(messages.map((message) => [message['id'], message])));
  }
}
