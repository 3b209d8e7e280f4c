/** What a user does to their own row of the list; nobody else sees it. */
import { pinnedChats, updateMember } from '../../db/stores/member-store.ts';
import { recentRows } from '../../db/stores/recent-store.ts';
import { lockUser } from '../../db/stores/user-store.ts';
import type { WriteSession } from '../../db/database.ts';
import { hindrance } from '../access/actions.ts';
import { type DialogRef, openDialog } from '../access/dialogs.ts';
import { done, type Outcome, refused } from '../../base/outcome.ts';
import type { Messenger } from '../messenger.ts';
import { lockOwnSide, readWhole } from '../access/own-side.ts';
import type { Viewer } from '../access/viewer.ts';
import { shownRows } from './list-filter.ts';

/** How many rows one user may pin. */
export const PIN_LIMIT = 45;

/**
 * Whether the row is pinned as asked: false when there is no row in the list, or no room for one more pin. There are
 * never more pins than the limit, shown or not: so no row that comes back can be one too many.
 */
export function pinRow(m: Messenger, viewer: Viewer, ref: DialogRef, pinned: boolean): Promise<Outcome<boolean, 'no_access'>> {
  return m.db.write(async (s) => {
    const { userId } = viewer;
    await lockUser(s, userId);
    const dialog = await openDialog(s, viewer, ref);
    if (!dialog || (dialog.chat && !dialog.member)) return refused('no_access');
    const row = await lockRow(s, viewer, ref);
    if (!row) return done(false);
    if ((row.pinned === 1) === pinned) return done(true);
    if (pinned && !(await makeRoom(s, viewer))) return done(false);
    await updateMember(s, userId, row.chat_id, { pinned: pinned ? 1 : 0, updated_at: m.stamp() });
    return done(true);
  });
}

/** Where all pins are taken, one that the list does not show gives way: the one that has been so for longest. */
async function makeRoom(s: WriteSession, viewer: Viewer): Promise<boolean> {
  const { userId } = viewer;
  const chatIds = await pinnedChats(s, userId);
  if (chatIds.length < PIN_LIMIT) return true;
  const shown = new Set((await shownRows(s, viewer, await recentRows(s, userId, chatIds))).map((row) => row.chat_id));
  const unseen = chatIds.find((chatId) => !shown.has(chatId));
  if (unseen !== undefined) await updateMember(s, userId, unseen, { pinned: 0 });
  return unseen !== undefined;
}

async function lockRow(s: WriteSession, viewer: Viewer, ref: DialogRef) {
  const locked = await lockOwnSide(s, viewer, ref);
  return locked && (await recentRows(s, viewer.userId, [locked.chat.id]))[0];
}

/** Sets or takes away the mark; taking it away reads the dialog too. False when there is no row in the list. */
export function markUnread(m: Messenger, viewer: Viewer, ref: DialogRef, unread: boolean): Promise<boolean> {
  return m.db.write(async (s) => {
    const locked = await lockOwnSide(s, viewer, ref);
    if (!locked || (await recentRows(s, viewer.userId, [locked.chat.id])).length === 0) return false;
    const { chat, member } = locked;
    if (!unread) await readWhole(s, chat, member, m.stamp());
    else if (member.unread === 0) {
      await updateMember(s, viewer.userId, chat.id, { unread: 1, has_unread: 1, updated_at: m.stamp() });
    }
    return true;
  });
}

/** Takes the row out of the list until the chat has a newer message, and reads it; that of a thread of comments is in none. */
export function hideRow(m: Messenger, viewer: Viewer, ref: DialogRef): Promise<void> {
  return m.db.write(async (s) => {
    const locked = await lockOwnSide(s, viewer, ref);
    if (!locked) return;
    const { chat, member } = locked;
    await readWhole(s, chat, member, m.stamp());
    if (chat.type === 'T') return;
    await updateMember(s, viewer.userId, chat.id, { pinned: 0, sort_at: 0, hidden_to: chat.top_message_id });
  });
}

/** Silences a chat, or lets it be heard again. Its counter goes on. */
export function muteChat(m: Messenger, viewer: Viewer, ref: DialogRef, muted: boolean): Promise<Outcome<true, 'not_mutable'>> {
  return m.db.write(async (s) => {
    const locked = await lockOwnSide(s, viewer, ref);
    if (!locked || hindrance('mute', locked.chat, locked.member.role)) return refused('not_mutable');
    if ((locked.member.muted === 1) !== muted) {
      await updateMember(s, viewer.userId, locked.chat.id, { muted: muted ? 1 : 0, updated_at: m.stamp() });
    }
    return done(true);
  });
}
