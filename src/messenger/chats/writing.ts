import { type DialogRef, openDialog } from '../access/dialogs.ts';
import { canPost, ROLE } from '../access/rights.ts';
import type { Viewer } from '../access/viewer.ts';
import { done, type Outcome, refused } from '../../base/outcome.ts';
import type { Messenger } from '../messenger.ts';

/** Where the viewer may write, as a member or by joining: the chat, 0 of a private dialog that there is not yet. */
export function writable(m: Messenger, viewer: Viewer, ref: DialogRef): Promise<Outcome<number, 'no_access'>> {
  return m.db.read(async (s) => {
    const dialog = await openDialog(s, viewer, ref);
    if (!dialog || (dialog.chat && !canPost(dialog.chat, dialog.member?.role ?? ROLE.member))) return refused('no_access');
    return done(dialog.chat?.id ?? 0);
  });
}
