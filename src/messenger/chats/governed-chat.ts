import type { WriteSession } from '../../db/database.ts';
import { type ChatRow, lockChat } from '../../db/stores/chat-store.ts';
import { findMember, type MemberRow } from '../../db/stores/member-store.ts';
import { type ChatAction, type Hindrance, hindrance } from '../access/actions.ts';
import { done, type Outcome, refused } from '../../base/outcome.ts';

/** There is no such chat, or not for the caller; or what keeps them from the action. */
export type GovernedRefusal = 'no_access' | Hindrance;

/** A chat and the actor's side of it, kept from other writers, where the actor may do something to it. */
export async function lockFor(
  s: WriteSession,
  actorId: number,
  chatId: number,
  action: ChatAction,
): Promise<Outcome<{ chat: ChatRow; actor: MemberRow }, GovernedRefusal>> {
  const chat = await lockChat(s, chatId);
  const actor = chat && (await findMember(s, actorId, chatId));
  if (!chat || !actor) return refused('no_access');
  const why = hindrance(action, chat, actor.role);
  return why ? refused(why) : done({ chat, actor });
}
