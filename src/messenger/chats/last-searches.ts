/** The dialogs that a user has found and opened, as the legacy search shows them. */
import type { Session } from '../../db/database.ts';
import { type FoundItem, forgetSearch, lastSearches, noteSearch } from '../../db/stores/last-search-store.ts';
import { lockUser } from '../../db/stores/user-store.ts';
import { type Dialog, type DialogRef, openDialog } from '../access/dialogs.ts';
import type { Viewer } from '../access/viewer.ts';
import type { Messenger } from '../messenger.ts';
import { type LastSearch, viewLastSearch } from '../views/last-search-view.ts';
import { present } from '../views/presenting.ts';

/** The oldest ones above this are forgotten. */
const KEPT = 50;

/** Notes that the viewer has opened a dialog. @returns false without access */
export function noteOpened(m: Messenger, viewer: Viewer, ref: DialogRef): Promise<boolean> {
  return m.db.write(async (s) => {
    await lockUser(s, viewer.userId);
    const dialog = await openDialog(s, viewer, ref);
    if (!dialog) return false;
    await noteSearch(s, viewer.userId, itemOf(dialog), m.stamp());
    for (const old of (await lastSearches(s, viewer.userId)).slice(KEPT)) await forgetSearch(s, viewer.userId, old);
    return true;
  });
}

/** @returns whether it was noted */
export function forgetOpened(m: Messenger, viewer: Viewer, ref: DialogRef): Promise<boolean> {
  return m.db.write(async (s) => {
    const dialog = await openDialog(s, viewer, ref);
    // What was opened may be closed by now: a person and a chat are named by their own numbers.
    const item = dialog ? itemOf(dialog) : ref.kind === 'group' ? undefined : { kind: ref.kind, id: ref.id };
    return item !== undefined && forgetSearch(s, viewer.userId, item);
  });
}

/** A private dialog is its partner, whether or not anything has been written in it. */
function itemOf({ chat, peer }: Dialog): FoundItem {
  return peer ? { kind: 'user', id: peer.id } : { kind: 'chat', id: chat!.id };
}

export interface Skipped {
  dialogs: boolean;
  chats: boolean;
  lines: boolean;
}

/** What the viewer has opened and still may see, the latest first. */
export async function openedLast(m: Messenger, viewer: Viewer, skip: Skipped): Promise<LastSearch[]> {
  const { zone } = await m.settings();
  return m.db.read(async (s) => {
    const shown: LastSearch[] = [];
    for (const item of await lastSearches(s, viewer.userId)) {
      const dialog = await shownDialog(s, viewer, item, skip);
      const view = dialog && present(m, { ...item }, () => viewLastSearch(dialog, zone, viewer.userId));
      if (view) shown.push(view);
    }
    return shown;
  });
}

async function shownDialog(s: Session, viewer: Viewer, item: FoundItem, skip: Skipped): Promise<Dialog | undefined> {
  const dialog = await openDialog(s, viewer, item);
  const skipped = item.kind === 'user' ? skip.dialogs : dialog?.chat?.type === 'L' ? skip.lines : skip.chats;
  return skipped ? undefined : dialog;
}
