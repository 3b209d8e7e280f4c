import { type ChatRow, findChat, updateChat } from '../../db/stores/chat-store.ts';
import type { WriteSession } from '../../db/database.ts';
import { findMember, memberIds } from '../../db/stores/member-store.ts';
import { type PortraitSize, replacePortrait } from '../../db/stores/portrait-store.ts';
import { findUser, type UserRow } from '../../db/stores/user-store.ts';
import { hindrance } from '../access/actions.ts';
import { ROLE } from '../access/rights.ts';
import { openDialog } from '../access/dialogs.ts';
import type { Viewer } from '../access/viewer.ts';
import { yieldToOthers } from '../../base/turns.ts';
import { done, type Outcome, refused } from '../../base/outcome.ts';
import type { Messenger } from '../messenger.ts';
import { post } from '../posting/posting.ts';
import { systemTexts } from '../posting/system-texts.ts';
import { type Color, colorName } from '../views/colors.ts';
import { type GovernedRefusal, lockFor } from './governed-chat.ts';

/** Gives a chat another title, and says so in it. */
export function renameChat(m: Messenger, actorId: number, chatId: number, title: string): Promise<Outcome<true, GovernedRefusal>> {
  return m.db.write(async (s) => {
    const locked = await lockFor(s, actorId, chatId, 'rename');
    if (!locked.ok) return locked;
    const { chat } = locked.value;
    if (chat.title === title) return done(true);
    await updateChat(s, chatId, { title });
    await say(s, m, chat, actorId, (actor) => systemTexts.renamed(actor, title));
    return done(true);
  });
}

/** Gives a chat another colour, and says so in it. */
export function recolourChat(m: Messenger, actorId: number, chatId: number, color: Color): Promise<Outcome<true, GovernedRefusal | 'unchanged'>> {
  return m.db.write(async (s) => {
    const locked = await lockFor(s, actorId, chatId, 'recolour');
    if (!locked.ok) return locked;
    const { chat } = locked.value;
    if (chat.color === color) return refused('unchanged');
    await updateChat(s, chatId, { color });
    await say(s, m, chat, actorId, (actor) => systemTexts.recoloured(actor, colorName(color)));
    return done(true);
  });
}

/** What keeps somebody from giving a chat another picture; it is looked at again when they do. */
export function pictureRefusal(m: Messenger, actorId: number, chatId: number): Promise<GovernedRefusal | undefined> {
  return m.db.read(async (s) => {
    const [chat, actor] = [await findChat(s, chatId), await findMember(s, actorId, chatId)];
    return chat && actor ? hindrance('recolour', chat, actor.role) : 'no_access';
  });
}

/** A picture that is kept, and where it is to be seen. */
interface NewPicture {
  sizes: readonly PortraitSize[];
  address: string;
}

/** Gives a chat another picture, and says so in it. */
export function picture(m: Messenger, actorId: number, chatId: number, { sizes, address }: NewPicture): Promise<Outcome<true, GovernedRefusal>> {
  return m.db.write(async (s) => {
    const locked = await lockFor(s, actorId, chatId, 'recolour');
    if (!locked.ok) return locked;
    await replacePortrait(s, `chat:${chatId}`, sizes);
    await updateChat(s, chatId, { avatar: address });
    await say(s, m, locked.value.chat, actorId, systemTexts.pictured);
    return done(true);
  });
}

async function say(s: WriteSession, m: Messenger, chat: ChatRow, actorId: number, textOf: (actor: UserRow) => string): Promise<void> {
  const actor = (await findUser(s, actorId))!;
  await post(s, m, chat, { authorId: 0, actorId, system: true, text: textOf(actor) });
}

/** Ids of a chat's members; none where the kind of chat does not show them. */
export function chatMembers(m: Messenger, viewer: Viewer, chatId: number): Promise<Outcome<number[], 'no_access'>> {
  return m.db.read(async (s) => {
    const dialog = await openDialog(s, viewer, { kind: 'chat', id: chatId });
    if (!dialog?.chat) return refused('no_access');
    const shown = dialog.chat.type === 'P' || !hindrance('listMembers', dialog.chat, dialog.member?.role ?? ROLE.guest);
    const ids: number[] = [];
    if (!shown) return done(ids);
    for await (const chunk of memberIds(s, chatId)) {
      ids.push(...chunk);
      await yieldToOthers();
    }
    return done(ids);
  });
}
