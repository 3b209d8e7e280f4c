/** All chats there are, for administrators: looking at them, and deleting one with all that is in it. */
import type { WriteSession } from '../../db/database.ts';
import { wordsOf } from '../../db/fold.ts';
import { type ChatsQuery, newestMessages, readAllChats, readMembersOf, type SizedChat } from '../../db/stores/all-chats-store.ts';
import { type ChatRow, findChat, lockChat, updateChat } from '../../db/stores/chat-store.ts';
import { membersOf, type MemberRow } from '../../db/stores/member-store.ts';
import { lockThread } from '../../db/stores/thread-store.ts';
import { findUser, findUsers, type UserRow } from '../../db/stores/user-store.ts';
import { isChannel, restrictionsOf } from '../access/rights.ts';
import type { Viewer } from '../access/viewer.ts';
import { done, type Outcome, refused } from '../../base/outcome.ts';
import type { Messenger } from '../messenger.ts';
import { eraseMessage } from '../posting/erasing.ts';
import { part } from '../posting/parting.ts';

/** How much one unit of work takes away, and how much one call of {@link deleteChat}. */
const AT_ONCE = 50;
const IN_ONE_CALL = 2000;

export { CHAT_SORTS } from '../../db/stores/all-chats-store.ts';

export interface AllChatsPage {
  find: string;
  types: readonly string[];
  sort: ChatsQuery['sort'];
  offset: number;
  limit: number;
}

/** A chat as administrators look at it; a private dialog with whose it is. */
export interface ListedChat {
  chat: SizedChat;
  owner: UserRow | undefined;
  pair: UserRow[];
}

export async function lookUpChats(m: Messenger, { find, types, sort, offset, limit }: AllChatsPage): Promise<{ rows: ListedChat[]; total: number }> {
  const id = /^\d{1,15}$/.test(find.trim()) ? Number(find) : 0;
  return m.db.read(async (s) => {
    const { rows, total } = await readAllChats(s, { id, types, sort, words: wordsOf(find) }, { offset, limit });
    const pairs = new Map(rows.map((chat) => [chat.id, (chat.pair_key ?? '').split(':').filter(Boolean).map(Number)]));
    const users = new Map((await findUsers(s, [...[...pairs.values()].flat(), ...rows.map((chat) => chat.owner_id)])).map((user) => [user.id, user]));
    const listed = rows.map((chat) => ({
      chat, owner: users.get(chat.owner_id), pair: [...new Set(pairs.get(chat.id))].flatMap((userId) => users.get(userId) ?? []),
    }));
    return { rows: listed, total };
  });
}

type Member = UserRow & Pick<MemberRow, 'role' | 'joined_at'>;

/** A page of the members of any chat; undefined when there is no such chat. */
export function lookUpMembers(m: Messenger, chatId: number, page: { offset: number; limit: number }): Promise<{ rows: Member[]; total: number } | undefined> {
  return m.db.read(async (s) => {
    const chat = await findChat(s, chatId);
    return chat && { rows: await readMembersOf(s, chatId, page), total: chat.member_count };
  });
}

/**
 * Deletes a group chat: first nobody is in it any more, then its messages go with what is in them. Of a large one each call takes a part;
 * what a call began another one goes on with.
 *
 * @returns how many members and messages are left: 0 when it is gone
 */
export async function deleteChat(m: Messenger, actor: Viewer, chatId: number): Promise<Outcome<number, 'no_chat' | 'not_deletable'>> {
  for (let taken = 0; ; taken += AT_ONCE) {
    const outcome = await m.db.write((s) => takeSome(s, m, actor, chatId));
    if (!outcome.ok || outcome.value === 0 || taken + AT_ONCE >= IN_ONE_CALL) return outcome;
  }
}

async function takeSome(s: WriteSession, m: Messenger, actor: Viewer, chatId: number): Promise<Outcome<number, 'no_chat' | 'not_deletable'>> {
  const chat = await lockChat(s, chatId);
  if (!chat) return refused('no_chat');
  if (!restrictionsOf(chat).leave) return refused('not_deletable');
  const members = await membersOf(s, chatId, AT_ONCE);
  for (const member of members) await part(s, m, actor.userId, chat, member, (await findUser(s, member.user_id))!);
  if (members.length > 0) return done(chat.member_count + chat.message_count || 1);
  if ((await eraseSome(s, m, { ...actor, admin: true }, chatId)) === AT_ONCE) return done((await findChat(s, chatId))!.message_count || 1);
  await updateChat(s, chatId, { title: '', description: '', avatar: '', entity_type: '', entity_id: '', message_count: 0 });
  return done(0);
}

/** Each message is erased as if an administrator had deleted it, who leaves no trace of any. @returns how many that were */
async function eraseSome(s: WriteSession, m: Messenger, actor: Viewer, chatId: number): Promise<number> {
  const nobodys = { role: 0 } as MemberRow;
  const messages = await newestMessages(s, chatId, AT_ONCE);
  for (const message of messages) {
    const chat = (await findChat(s, chatId)) as ChatRow;
    const thread = isChannel(chat.type) ? await lockThread(s, chatId, message.id) : undefined;
    await eraseMessage(s, m, actor, { chat, message, thread, member: nobodys });
  }
  return messages.length;
}
