/** People who keep writing until the server is gone, and what it has answered them. */
import { randomInt, randomUUID } from 'node:crypto';
import { type Client, NoAnswer } from '../support/client.ts';

/** A dialog between two people, or a group chat, with its members. */
export interface Place {
  members: readonly number[];
  /** Number of a group chat; undefined for a private dialog. */
  chatId?: number;
}

export interface Sent {
  author: number;
  place: Place;
  text: string;
  uuid: string;
  /** Undefined while unanswered. */
  id?: number;
  /** Whether a deletion was asked for, and answered. */
  deletion: 'none' | 'asked' | 'answered';
}

/** What the server has promised by answering, and what it was asked but did not answer. */
export class Ledger {
  readonly sent: Sent[] = [];
  readonly places: Place[] = [];
  readonly reads: Array<{ reader: number; place: Place; lastId: number }> = [];
}

/** How far back people look for something to read or delete. */
const RECENTLY = 300;

export function dialogIdFor({ chatId, members }: Place, userId: number): string {
  return chatId === undefined ? String(members.find((id) => id !== userId)) : `chat${chatId}`;
}

/** One person doing one thing after the other until a call is not answered any more. */
export async function keepWriting(client: Client, ledger: Ledger): Promise<void> {
  for (;;) {
    try {
      await doSomething(client, ledger);
    } catch (error) {
      // An error that the server answered is no sign of its end.
      if (error instanceof NoAnswer) return;
      throw error;
    }
  }
}

/** One thing that people do, chosen by chance. */
export function doSomething(client: Client, ledger: Ledger): Promise<void> {
  const dice = randomInt(100);
  const mine = ledger.places.filter(({ members }) => members.includes(client.userId));
  // The oldest are the private dialogs, the newest are those that this run has made.
  const places = [...mine.slice(0, 3), ...mine.slice(-6)];
  const place = places[randomInt(places.length)]!;
  if (dice < 65) return send(client, ledger, place);
  if (dice < 80) return read(client, ledger, place);
  if (dice < 95) return remove(client, ledger);
  return create(client, ledger);
}

async function send(client: Client, ledger: Ledger, place: Place): Promise<void> {
  const uuid = randomUUID();
  const sent: Sent = { author: client.userId, place, text: `text of ${uuid}`, uuid, deletion: 'none' };
  ledger.sent.push(sent);
  await sendAgain(client, sent);
}

/** Sends a message once more under its uuid, as a client does whose first attempt was not answered. */
export async function sendAgain(client: Client, sent: Sent): Promise<void> {
  const { place, text, uuid } = sent;
  const params = { DIALOG_ID: dialogIdFor(place, client.userId), MESSAGE: text, TEMPLATE_ID: uuid };
  sent.id = await client.call<number>('im.message.add', params);
}

async function read(client: Client, ledger: Ledger, place: Place): Promise<void> {
  const DIALOG_ID = dialogIdFor(place, client.userId);
  const known = ledger.sent.slice(-RECENTLY).filter((sent) => sent.place === place && sent.id !== undefined).slice(-5);
  const MESSAGE_ID = randomInt(2) === 0 || known.length === 0 ? undefined : known[randomInt(known.length)]!.id;
  const answer = await client.call<{ lastId: number } | false>('im.dialog.read', { DIALOG_ID, MESSAGE_ID });
  if (answer !== false) ledger.reads.push({ reader: client.userId, place, lastId: answer.lastId });
}

async function remove(client: Client, ledger: Ledger): Promise<void> {
  const candidates = ledger.sent.slice(-RECENTLY).filter(
    ({ author, id, deletion }) => author === client.userId && id !== undefined && deletion === 'none',
  );
  const sent = candidates.slice(-8)[randomInt(Math.max(1, Math.min(8, candidates.length)))];
  if (!sent) return;
  sent.deletion = 'asked';
  await client.call('im.message.delete', { MESSAGE_ID: sent.id });
  sent.deletion = 'answered';
}

async function create(client: Client, ledger: Ledger): Promise<void> {
  const everybody = [...new Set(ledger.places.flatMap(({ members }) => members))];
  const members = everybody.filter((id) => id === client.userId || randomInt(2) === 0);
  const params = { TITLE: `Chat ${randomUUID()}`, USERS: members };
  ledger.places.push({ members, chatId: await client.call<number>('im.chat.add', params) });
}
