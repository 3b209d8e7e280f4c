/** Whoever writes into a chat enters it first: it is found and kept from others, made where two people have not talked yet, joined where it is open. */
import { type ChatRow, findChat } from '../../db/stores/chat-store.ts';
import type { Session, WriteSession } from '../../db/database.ts';
import { findMember, type MemberRow } from '../../db/stores/member-store.ts';
import { findUser } from '../../db/stores/user-store.ts';
import { done, type Outcome, refused } from '../../base/outcome.ts';
import { type DialogRef, lockDialog, openDialog } from '../access/dialogs.ts';
import { canPost, isOpen } from '../access/rights.ts';
import type { Viewer } from '../access/viewer.ts';
import type { Messenger } from '../messenger.ts';
import { joinByWriting } from './joining.ts';
import { privateChat } from './posting.ts';

export type EntryRefusal = 'unknown_user' | 'no_chat' | 'not_allowed';

/** The chat, locked. */
export async function enterChat(s: WriteSession, m: Messenger, sender: Viewer, ref: DialogRef): Promise<Outcome<{ chat: ChatRow; member: MemberRow | undefined }, EntryRefusal>> {
  const dialog = await lockDialog(s, sender, ref);
  if (!dialog || (ref.kind !== 'user' && !dialog.chat)) return refused(await whyClosed(s, ref));
  const chat = dialog.chat ?? (await privateChat(s, m, sender.userId, ref.id));
  return done({ chat, member: dialog.member });
}

/** Why one could not enter a chat and write into it, as it is now; undefined for nothing. For whoever has much to do before. */
export async function whatBars(s: Session, sender: Viewer, ref: DialogRef): Promise<EntryRefusal | undefined> {
  const dialog = await openDialog(s, sender, ref);
  if (!dialog || (ref.kind !== 'user' && !dialog.chat)) return whyClosed(s, ref);
  const { chat, member } = dialog;
  if (!chat || (!member && (chat.type === 'P' || isOpen(chat.type)))) return undefined;
  return member && canPost(chat, member.role) ? undefined : 'not_allowed';
}

/** One's place in a chat that was entered. Undefined where one may not write. */
export async function placeToWrite(s: WriteSession, m: Messenger, sender: Viewer, { chat, member }: { chat: ChatRow; member: MemberRow | undefined }): Promise<MemberRow | undefined> {
  const place = member ?? (await findMember(s, sender.userId, chat.id)) ?? (await joinByWriting(s, m, chat, sender));
  return place && canPost(chat, place.role) ? place : undefined;
}

/** Why somebody cannot write into a dialog: it does not exist, or it is closed to them. */
async function whyClosed(s: Session, ref: DialogRef): Promise<EntryRefusal> {
  if (ref.kind === 'user') return (await findUser(s, ref.id)) ? 'not_allowed' : 'unknown_user';
  return ref.kind === 'chat' && (await findChat(s, ref.id)) ? 'not_allowed' : 'no_chat';
}
