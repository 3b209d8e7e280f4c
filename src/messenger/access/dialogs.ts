import { type ChatRow, findChat, findChatOfEntity, findPrivateChat, lockChat, lockPrivateChat } from '../../db/stores/chat-store.ts';
import type { Session, WriteSession } from '../../db/database.ts';
import { findMember, findPrivateSide, type MemberRow } from '../../db/stores/member-store.ts';
import { findUser, type UserRow } from '../../db/stores/user-store.ts';
import { mayMeet } from './meeting.ts';
import { isOpen } from './rights.ts';
import type { Viewer } from './viewer.ts';

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

/** How chats are found. */
interface Finding {
  byId(id: number): Promise<ChatRow | undefined>;
  ofPair(a: number, b: number): Promise<ChatRow | undefined>;
}

/** Finds a dialog; undefined when it does not exist or the viewer may not see it: the two look the same from outside. */
export function openDialog(s: Session, viewer: Viewer, ref: DialogRef): Promise<Dialog | undefined> {
  return open(s, viewer, ref, { byId: (id) => findChat(s, id), ofPair: (a, b) => findPrivateChat(s, a, b) });
}

/** The same with the chat kept from other writers until the unit of work ends; all of it is as it is under the lock. */
export function lockDialog(s: WriteSession, viewer: Viewer, ref: DialogRef): Promise<Dialog | undefined> {
  return open(s, viewer, ref, { byId: (id) => lockChat(s, id), ofPair: (a, b) => lockPrivateChat(s, a, b) });
}

async function open(s: Session, viewer: Viewer, ref: DialogRef, find: Finding): Promise<Dialog | undefined> {
  if (ref.kind === 'user') return openPrivate(s, viewer, ref.id, find);
  const { chat, member } = ref.kind === 'chat' ? await findById(s, viewer, ref.id, find) : await findByGroup(s, viewer, ref.id, find);
  if (!chat) return undefined;
  if (chat.type === 'P') {
    const peer = member && (await findUser(s, member.peer_id));
    return peer && (await mayMeet(s, viewer, peer)) ? { chat, member, peer } : undefined;
  }
  if (chat.type === 'T') return (await seesPost(s, viewer, chat)) ? { chat, member, peer: undefined } : undefined;
  if (!member && !(isOpen(chat.type) && viewer.insider)) return undefined;
  return { chat, member, peer: undefined };
}

/** Comments are for whoever sees the post that they are about, subscribed or not. */
async function seesPost(s: Session, { userId, insider }: Viewer, thread: ChatRow): Promise<boolean> {
  const member = await findMember(s, userId, thread.parent_chat_id);
  if (member) return member.start_id <= thread.parent_message_id;
  const channel = insider ? await findChat(s, thread.parent_chat_id) : undefined;
  return channel !== undefined && isOpen(channel.type);
}

interface Found {
  chat: ChatRow | undefined;
  member: MemberRow | undefined;
}

/** Sent in this order: the member's row is read under the chat's lock, where there is one. */
async function findById(s: Session, { userId }: Viewer, chatId: number, find: Finding): Promise<Found> {
  const [chat, member] = await Promise.all([find.byId(chatId), findMember(s, userId, chatId)]);
  return { chat, member };
}

async function findByGroup(s: Session, viewer: Viewer, groupId: number, find: Finding): Promise<Found> {
  const chat = await findChatOfEntity(s, 'SONET_GROUP', String(groupId));
  return chat ? findById(s, viewer, chat.id, find) : { chat, member: undefined };
}

async function openPrivate(s: Session, viewer: Viewer, peerId: number, find: Finding): Promise<Dialog | undefined> {
  const { userId } = viewer;
  const [chat, peer, member] = await Promise.all([find.ofPair(userId, peerId), findUser(s, peerId), findPrivateSide(s, userId, peerId)]);
  return peer && (await mayMeet(s, viewer, peer)) ? { chat, member, peer } : undefined;
}

/** The viewer's side of a chat they have access to as a member. In a thread of comments each member of the channel has what they have in the channel. */
export async function openMembership(s: Session, viewer: Viewer, chatId: number): Promise<MemberRow | undefined> {
  const member = await findMember(s, viewer.userId, chatId);
  if (!member || member.type === 'T') return openThreadSide(s, viewer, chatId);
  if (member.type !== 'P') return member;
  const peer = await findUser(s, member.peer_id);
  return peer && (await mayMeet(s, viewer, peer)) ? member : undefined;
}

async function openThreadSide(s: Session, { userId }: Viewer, chatId: number): Promise<MemberRow | undefined> {
  const thread = await findChat(s, chatId);
  if (thread?.type !== 'T') return undefined;
  const member = await findMember(s, userId, thread.parent_chat_id);
  if (!member || member.start_id > thread.parent_message_id) return undefined;
  return { ...member, chat_id: chatId, type: 'T', start_id: 0 };
}
