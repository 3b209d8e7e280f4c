import { type ChatRow, findChat, findChatOfEntity, findPrivateChat } from '../db/chat-store.ts';
import type { Session } from '../db/database.ts';
import { findMember, type MemberRow } from '../db/member-store.ts';
import type { Condition } from '../db/user-search.ts';
import { findUser, shareGroup, sharingGroup, type UserRow } from '../db/user-store.ts';
import { isOpen } from './access.ts';

/** What a DIALOG_ID names: the private dialog with a user, a chat, or the chat of a workgroup. */
export type DialogRef = { kind: 'user' | 'chat' | 'group'; id: number };

const DIALOG_ID = /^(chat|sg)?([1-9]\d{0,14})$/i;

/** Reads `47`, `chat2935` or `sg17`; undefined for anything else. */
export function parseDialogId(text: string): DialogRef | undefined {
  const m = DIALOG_ID.exec(text);
  if (!m) return undefined;
  const prefix = m[1]?.toLowerCase();
  return { kind: prefix === 'chat' ? 'chat' : prefix === 'sg' ? 'group' : 'user', id: Number(m[2]) };
}

/** The id by which `viewerId` addresses a chat: the partner's number, or `chatN`. */
export function dialogIdOf(chat: { type: string; chat_id: number; peer_id: number }): number | string {
  return chat.type === 'P' ? chat.peer_id : `chat${chat.chat_id}`;
}

/** A dialog the viewer has access to. A private dialog nobody has written in yet has a partner but no chat. */
export interface Dialog {
  chat: ChatRow | undefined;
  /** Undefined in an open chat that the viewer only looks into, and where there is no chat. */
  member: MemberRow | undefined;
  peer: UserRow | undefined;
}

/** Finds a dialog; undefined when it does not exist or the viewer may not see it: the two look the same from outside. */
export async function openDialog(s: Session, viewerId: number, ref: DialogRef): Promise<Dialog | undefined> {
  if (ref.kind === 'user') return openPrivate(s, viewerId, ref.id);
  const chat = ref.kind === 'chat' ? await findChat(s, ref.id) : await findChatOfEntity(s, 'SONET_GROUP', String(ref.id));
  if (!chat) return undefined;
  const member = await findMember(s, viewerId, chat.id);
  if (!member && !(isOpen(chat.type) && (await isInsider(s, viewerId)))) return undefined;
  const peer = chat.type === 'P' && member ? await findUser(s, member.peer_id) : undefined;
  return { chat, member, peer };
}

async function openPrivate(s: Session, viewerId: number, peerId: number): Promise<Dialog | undefined> {
  const peer = await findUser(s, peerId);
  if (!peer || !(await mayMeet(s, viewerId, peer))) return undefined;
  const chat = await findPrivateChat(s, viewerId, peerId);
  return { chat, member: chat && (await findMember(s, viewerId, chat.id)), peer };
}

/** Extranet users meet only people they share a group chat with; everybody else meets everybody. */
export async function mayMeet(s: Session, viewerId: number, other: UserRow): Promise<boolean> {
  if (viewerId === other.id) return true;
  const insider = other.extranet === 0 && (await isInsider(s, viewerId));
  return insider || shareGroup(s, viewerId, other.id);
}

/** Those of the users whom the viewer may meet, by the same rule. */
export async function amongMet(s: Session, viewerId: number, users: readonly UserRow[]): Promise<UserRow[]> {
  const insider = await isInsider(s, viewerId);
  const doubtful = users.filter((user) => user.id !== viewerId && !(insider && user.extranet === 0)).map((user) => user.id);
  const met = await sharingGroup(s, viewerId, doubtful);
  const strangers = new Set(doubtful.filter((id) => !met.has(id)));
  return users.filter((user) => !strangers.has(user.id));
}

/** Whom a list of people shows: extranet users only those they share a group chat with. Undefined for no restriction. */
export async function mayBeMet(s: Session, viewerId: number): Promise<Condition | undefined> {
  if (await isInsider(s, viewerId)) return undefined;
  return { any: [{ number: 'id', is: { op: 'in', values: [viewerId] } }, { sharesGroupWith: viewerId }] };
}

export async function isInsider(s: Session, userId: number): Promise<boolean> {
  return (await findUser(s, userId))?.extranet === 0;
}
