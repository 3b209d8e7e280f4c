/** Chats of the other portal: who is in them and what they are like. */
import type { WriteSession } from '../db/database.ts';
import { type ChatRow, findChatOfEntity, insertChat, lockChat, updateChat } from '../db/stores/chat-store.ts';
import { lockIntake, noteTaken, takenAmong } from '../db/stores/intake-store.ts';
import { findMember, membersAmong, updateMember } from '../db/stores/member-store.ts';
import { findUsers } from '../db/stores/user-store.ts';
import { isChatType, ROLE } from '../messenger/access/rights.ts';
import { makeMembers } from '../messenger/posting/joining.ts';
import { emptyChat, privateChat } from '../messenger/posting/posting.ts';
import { storedIntegers } from '../messenger/views/presenting.ts';
import { codeOfHex } from '../messenger/views/colors.ts';
import { digestOf, type Ledger } from './ledger.ts';
import type { RemoteRow } from './shapes.ts';

/** A chat as it is to be here: people by their numbers here. */
export interface Head {
  type: string;
  title: string;
  description: string;
  color: string;
  owner: number;
  managers: number[];
  members: number[];
}

/** What of a row says that members and looks are to be asked for again. */
export function headDigest({ title, chat }: RemoteRow): number {
  return digestOf([title, chat.owner, chat.color, chat.manager_list, chat.user_counter]);
}

/** The kind of chat; of the kinds that only the original has a closed group. */
export function typeOf({ chat: { message_type: type } }: RemoteRow): string {
  return isChatType(type) && type !== 'P' && type !== 'T' ? type : 'C';
}

export function colorOf({ chat }: RemoteRow): string {
  return codeOfHex(chat.color);
}

/** The dialog of two people. */
export async function bringDialog({ db, m, sourceId, chats, report }: Ledger, row: RemoteRow, ownerId: number, peerId: number): Promise<number> {
  const id = await db.write(async (s) => {
    await lockIntake(s, sourceId);
    const chat = await privateChat(s, m, ownerId, peerId);
    if (chat.count_seq === 0) await begin(s, chat, row.counter, [ownerId, peerId]);
    await noteTaken(s, sourceId, 'chat', row.chat_id, chat.id);
    return chat.id;
  });
  if (!chats.has(row.chat_id)) report.chats += 1;
  chats.set(row.chat_id, id);
  return id;
}

/** So many count as if they had been there, as more may be unread than are brought. */
async function begin(s: WriteSession, chat: ChatRow, counter: number, members: readonly number[]): Promise<void> {
  if (counter === 0) return;
  await updateChat(s, chat.id, { count_seq: counter });
  for (const id of new Set(members)) await updateMember(s, id, chat.id, { read_count_seq: counter, has_unread: 0 });
}

export async function bringGroup(ledger: Ledger, row: RemoteRow, head: Head): Promise<number> {
  const { db, m, sourceId, chats, report } = ledger;
  const { id, known } = await db.write(async (s) => {
    await lockIntake(s, sourceId);
    // Somebody else of that portal may be bringing it over at this moment.
    const known = (await takenAmong(s, sourceId, 'chat', [row.chat_id])).get(row.chat_id);
    const chat = known === undefined ? await make(s, ledger, row, head) : (await lockChat(s, known))!;
    const present = await membersAmong(s, chat.id, head.members);
    const users = await findUsers(s, head.members.filter((member) => !present.has(member)));
    if (users.length > 0) await makeMembers(s, m, chat, 0, users, false);
    if (known !== undefined) await updateChat(s, chat.id, { ...looksOf(head), bumped_at: m.stamp(chat.bumped_at), warm: chat.wide === 1 ? 0 : 1 });
    await setRoles(s, chat, head);
    await noteTaken(s, sourceId, 'chat', row.chat_id, chat.id);
    await noteTaken(s, sourceId, 'head', row.chat_id, headDigest(row));
    return { id: chat.id, known };
  });
  if (known === undefined) report.chats += 1;
  chats.set(row.chat_id, id);
  return id;
}

async function make(s: WriteSession, { m }: Ledger, row: RemoteRow, head: Head): Promise<ChatRow> {
  const { entity_type: type, entity_id: id, entity_data_1, entity_data_2, entity_data_3, date_create } = row.chat;
  // What belongs to something here already has its chat.
  const bound = type !== '' && !(await findChatOfEntity(s, type, id));
  const now = m.stamp();
  return insertChat(s, {
    ...emptyChat(now), created_at: Math.min(date_create || now, now), type: head.type, ...looksOf(head), count_seq: row.counter,
    ...(bound && { entity_type: type, entity_id: id, entity_data_1, entity_data_2, entity_data_3 }),
  });
}

function looksOf({ title, description, color, owner, managers }: Head) {
  return { title, description, color, owner_id: owner, manager_ids: JSON.stringify([...new Set([...(owner > 0 ? [owner] : []), ...managers])]) };
}

/** Of those who have a role, or had one. */
async function setRoles(s: WriteSession, before: ChatRow, { owner, managers }: Head): Promise<void> {
  const concerned = new Set([before.owner_id, ...storedIntegers(before.manager_ids), owner, ...managers]);
  for (const id of concerned) {
    const role = id === owner ? ROLE.owner : managers.includes(id) ? ROLE.manager : ROLE.member;
    const member = await findMember(s, id, before.id);
    if (member && member.role !== role) await updateMember(s, id, before.id, { role });
  }
}
