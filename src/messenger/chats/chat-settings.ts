import { lockChat, updateChat } from '../../db/stores/chat-store.ts';
import { findMember, memberIds } from '../../db/stores/member-store.ts';
import { findUser } from '../../db/stores/user-store.ts';
import { allows, permissionsOf, restrictionsOf } from '../access/rights.ts';
import { openDialog } from '../access/dialogs.ts';
import type { Viewer } from '../access/viewer.ts';
import { yieldToOthers } from '../../base/turns.ts';
import { done, type Outcome, refused } from '../../base/outcome.ts';
import type { Messenger } from '../messenger.ts';
import { post } from '../posting/posting.ts';
import { systemTexts } from '../posting/system-texts.ts';

/** Gives a chat another title, and says so in it. */
export function renameChat(m: Messenger, actorId: number, chatId: number, title: string): Promise<Outcome<true, 'no_access' | 'not_renamable'>> {
  return m.db.write(async (s) => {
    const chat = await lockChat(s, chatId);
    const actor = chat && (await findMember(s, actorId, chatId));
    if (!chat || !actor) return refused('no_access');
    if (!restrictionsOf(chat).rename) return refused('not_renamable');
    if (!allows(permissionsOf(chat).manage_ui, actor.role)) return refused('no_access');
    if (chat.title === title) return done(true);
    await updateChat(s, chatId, { title });
    const user = (await findUser(s, actorId))!;
    await post(s, m, chat, { authorId: 0, actorId, system: true, text: systemTexts.renamed(user, title) });
    return done(true);
  });
}

/** Ids of a chat's members; none where the kind of chat does not show them. */
export function chatMembers(m: Messenger, viewer: Viewer, chatId: number): Promise<Outcome<number[], 'no_access'>> {
  return m.db.read(async (s) => {
    const dialog = await openDialog(s, viewer, { kind: 'chat', id: chatId });
    if (!dialog?.chat) return refused('no_access');
    const shown = dialog.chat.type === 'P' || restrictionsOf(dialog.chat).user_list;
    const ids: number[] = [];
    if (!shown) return done(ids);
    for await (const chunk of memberIds(s, chatId)) {
      ids.push(...chunk);
      await yieldToOthers();
    }
    return done(ids);
  });
}
