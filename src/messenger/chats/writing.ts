import { type DialogRef, openDialog } from '../access/dialogs.ts';
import { canPost, ROLE } from '../access/rights.ts';
import type { Viewer } from '../access/viewer.ts';
import type { Messenger } from '../messenger.ts';

/** Whether the viewer may write into a dialog, as a member or by joining. */
export function mayWrite(m: Messenger, viewer: Viewer, ref: DialogRef): Promise<boolean> {
  return m.db.read(async (s) => {
    const dialog = await openDialog(s, viewer, ref);
    if (!dialog?.chat) return dialog !== undefined;
    return canPost(dialog.chat, dialog.member?.role ?? ROLE.member);
  });
}
