/** Holds what a server shows after it was killed against what it had answered before. */
import type { Client } from '../support/client.ts';
import { historyOf, isDeleted, recount, type WireMessage } from '../model/recount.ts';
import type { WireRow } from '../model/answers.ts';
import { same } from '../model/same.ts';
import { dialogIdFor, type Ledger, type Place, type Sent } from './writers.ts';

/**
 * @param clients by user id
 * @param after messages up to this id were verified before, and are not looked at again
 * @returns the newest message id there is
 */
export async function verify(clients: ReadonlyMap<number, Client>, ledger: Ledger, after: number): Promise<number> {
  let top = after;
  const changed = new Set<number>();
  for (const place of ledger.places) {
    const messages = await readPlace(clients, place, after);
    if (messages.length === 0) continue;
    top = Math.max(top, messages[0]!.id);
    checkMessages(ledger.sent.filter((sent) => sent.place === place), messages, after);
  }
  for (const client of clients.values()) {
    const rows = await recount(client, undefined);
    checkRows(client, ledger, rows);
    for (const { chat_id } of rows) changed.add(chat_id);
  }
  return top;
}

function readPlace(clients: ReadonlyMap<number, Client>, place: Place, after: number): Promise<WireMessage[]> {
  const reader = clients.get(place.members[0]!)!;
  return historyOf(reader, dialogIdFor(place, reader.userId), after);
}

/** Each answered message once, with its text; each answered deletion done; nothing that nobody sent. */
function checkMessages(sent: readonly Sent[], messages: readonly WireMessage[], after: number): void {
  const byId = new Map(messages.map((message) => [message.id, message]));
  const known = new Set<number>();
  for (const { id, author, text, uuid, deletion } of sent) {
    if (id === undefined || id <= after) continue;
    known.add(id);
    const message = byId.get(id);
    const there = message !== undefined && !isDeleted(message);
    if (deletion === 'answered') same(`deleted message ${id} (${text})`, there, false);
    else if (deletion === 'none' || there) {
      const { author_id, text: shown, uuid: kept } = message ?? {};
      same(`answered message ${id}`, { author_id, text: shown, uuid: kept }, { author_id: author, text, uuid });
    }
  }
  const strangers = messages.filter(({ id, author_id }) => author_id > 0 && !known.has(id));
  same('messages that nobody sent, or that are there twice', strangers, []);
}

/** No chat without its last message; no row missing; nothing unread again that was read. */
function checkRows(client: Client, ledger: Ledger, rows: readonly WireRow[]): void {
  const byDialog = new Map(rows.map((row) => [String(row.id), row]));
  const empty = rows.filter((row) => row.type === 'chat' && row.message.id === 0);
  same(`chats of user ${client.userId} without a last message`, empty, []);
  for (const place of ledger.places) {
    if (place.chatId === undefined || !place.members.includes(client.userId)) continue;
    same(`chat ${place.chatId} in the list of user ${client.userId}`, byDialog.has(`chat${place.chatId}`), true);
  }
  for (const [key, lastId] of ledger.reads) {
    const [userId, dialogId] = key.split('/') as [string, string];
    const row = byDialog.get(dialogId);
    if (Number(userId) !== client.userId || !row) continue;
    const readTo = Math.max(row.last_id, row.message.id === 0 ? lastId : 0);
    same(`read position of user ${userId} in ${dialogId}: ${readTo}, answered ${lastId}`, readTo >= Math.min(lastId, row.message.id), true);
  }
}
