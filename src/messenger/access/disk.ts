/** Who may see, add and delete which files. What a chat has is its members' business, and that of nobody else. */
import type { Session } from '../../db/database.ts';
import { type ChatRow, findChat } from '../../db/stores/chat-store.ts';
import type { DiskObject } from '../../db/stores/disk-store.ts';
import { isShown } from '../../db/stores/message-file-store.ts';
import type { MemberRow } from '../../db/stores/member-store.ts';
import { hindrance } from './actions.ts';
import { openDialog, openMembership } from './dialogs.ts';
import type { Viewer } from './viewer.ts';

/** Whose something is, as far as rules ask. */
type Owned = Pick<DiskObject, 'owner_kind' | 'owner_id'>;

/**
 * Whether the viewer may see a file or look into a folder. A file of a chat may be seen by whoever may see a message that shows it; while none
 * does, by whoever uploaded it.
 */
export async function mayReadObject(s: Session, viewer: Viewer, object: DiskObject): Promise<boolean> {
  const seen = await seenFrom(s, viewer, object);
  if (seen === undefined) return false;
  return object.kind !== 'file' || object.owner_kind === 'user' || object.created_by === viewer.userId || (await isShown(s, object.id, seen));
}

/** The first message that the viewer may see of the chat whose files these are; 0 for their own files, undefined for no access. */
export async function seenFrom(s: Session, viewer: Viewer, { owner_kind, owner_id }: Owned): Promise<number | undefined> {
  if (owner_kind === 'user') return owner_id === viewer.userId ? 0 : undefined;
  const dialog = await openDialog(s, viewer, { kind: 'chat', id: owner_id });
  return dialog && (dialog.member?.start_id ?? 0);
}

/** Whether the viewer may add files to a folder. */
export async function mayAddTo(s: Session, viewer: Viewer, folder: Owned): Promise<boolean> {
  if (folder.owner_kind === 'user') return folder.owner_id === viewer.userId;
  const place = await placeIn(s, viewer, folder.owner_id);
  return place !== undefined && hindrance('upload', place.chat, place.member.role) === undefined;
}

/** Whether the viewer may delete a file: their own one; of a chat also another's, as its manager or the portal's administrator. */
export async function mayDeleteObject(s: Session, viewer: Viewer, object: DiskObject): Promise<boolean> {
  if (object.owner_kind === 'user') return object.owner_id === viewer.userId;
  const place = await placeIn(s, viewer, object.owner_id);
  if (!place) return false;
  return object.created_by === viewer.userId || viewer.admin || hindrance('deleteFiles', place.chat, place.member.role) === undefined;
}

/** A member's place in a chat. */
async function placeIn(s: Session, viewer: Viewer, chatId: number): Promise<{ chat: ChatRow; member: MemberRow } | undefined> {
  const [chat, member] = [await findChat(s, chatId), await openMembership(s, viewer, chatId)];
  return chat && member && { chat, member };
}
