/** Holds what a server shows after it was killed against what it had answered before. */
import type { Client } from '../support/client.ts';
import type { WireRow } from '../model/answers.ts';
import { historyOf, isDeleted, recount, type WireMessage } from '../model/recount.ts';
import { same } from '../model/same.ts';
import { dialogIdFor, type Ledger, type Place, sendAgain, type Sent } from './ledger.ts';

type Clients = ReadonlyMap<number, Client>;

/**
 * Looks at everything that may have changed since a message; at everything there is since message 0.
 *
 * @param clients by user id
 * @returns the newest message
 */
export async function verify(clients: Clients, ledger: Ledger, since: number): Promise<number> {
  // A client that got no answer sends again under the same uuid, and cannot tell whether the first attempt arrived.
  for (const sent of ledger.sent) if (sent.id === undefined) await sendAgain(clients.get(sent.author)!, sent);
  const touched = new Set(ledger.sent.filter(({ id }) => id! > since).map(({ place }) => place));
  const histories = new Map<Place, WireMessage[]>();
  for (const place of ledger.places) {
    if (since > 0 && !touched.has(place)) continue;
    const messages = await readPlace(clients, place, since);
    checkMessages(ledger.sent.filter((sent) => sent.place === place && sent.id! > since), messages);
    histories.set(place, messages);
  }
  const messages = [...histories.values()].flat();
  const chatIds = since > 0 ? new Set(messages.map(({ chat_id }) => chat_id)) : undefined;
  for (const client of clients.values()) checkRows(client, ledger, histories, await recount(client, chatIds));
  return Math.max(since, ...messages.map(({ id }) => id));
}

function readPlace(clients: Clients, place: Place, since: number): Promise<WireMessage[]> {
  const reader = clients.get(place.members[0]!)!;
  return historyOf(reader, dialogIdFor(place, reader.userId), since);
}

/** Each answered message once, with its text; each answered deletion done; nothing that nobody sent. */
function checkMessages(sent: readonly Sent[], messages: readonly WireMessage[]): void {
  const byId = new Map(messages.map((message) => [message.id, message]));
  for (const { id, author, text, uuid, deletion } of sent) {
    const message = byId.get(id!);
    const there = message !== undefined && !isDeleted(message);
    if (deletion === 'answered') same(`whether the deleted message ${id} is back`, there, false);
    if (deletion === 'answered' || (deletion === 'asked' && !there)) continue;
    const shown = message && { author: message.author_id, text: message.text, uuid: message.uuid };
    same(`the answered message ${id}`, shown, { author, text, uuid });
  }
  const known = new Set(sent.map(({ id }) => id));
  const strangers = messages.filter(({ id, author_id }) => author_id > 0 && !known.has(id));
  same('messages that nobody sent, or that are there twice', strangers, []);
}

/** No chat without its last message, no row missing, nothing unread again that was read. */
function checkRows(client: Client, ledger: Ledger, histories: ReadonlyMap<Place, WireMessage[]>, rows: readonly WireRow[]): void {
  const who = `user ${client.userId}`;
  const byDialog = new Map(rows.map((row) => [String(row.id), row]));
  same(`chats of ${who} without a last message`, rows.filter((row) => row.type === 'chat' && row.message.id === 0), []);
  const groups = ledger.places.filter(({ chatId, members }) => chatId !== undefined && members.includes(client.userId));
  same(`chats missing from the list of ${who}`, groups.filter(({ chatId }) => !byDialog.has(`chat${chatId}`)), []);
  for (const { reader, place, lastId } of ledger.reads) {
    const messages = histories.get(place);
    const row = byDialog.get(dialogIdFor(place, client.userId));
    if (reader !== client.userId || !messages || !row) continue;
    const lost = messages.filter(({ id }) => id > row.last_id && id <= lastId);
    same(`messages in ${row.id} that ${who} had read up to ${lastId}, now unread`, lost, []);
  }
}
