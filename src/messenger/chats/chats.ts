import { type ChatRow, findChatOfEntity, findOwnChatOfEntity, insertChat } from '../../db/stores/chat-store.ts';
import type { WriteSession } from '../../db/database.ts';
import { insertMembers } from '../../db/stores/member-store.ts';
import { lockPortal, nextValue } from '../../db/stores/portal-store.ts';
import { type PortraitSize, replacePortrait } from '../../db/stores/portrait-store.ts';
import { findUser, findUsers, lockUser, type UserRow } from '../../db/stores/user-store.ts';
import { mayBring, touchMeetings } from '../access/meeting.ts';
import { ROLE } from '../access/rights.ts';
import { viewerOf } from '../access/viewer.ts';
import { type Color, colorName, colorOf } from '../views/colors.ts';
import { entityKind } from './entity-types.ts';
import { systemTexts } from '../posting/system-texts.ts';
import { happened } from '../happenings.ts';
import { done, type Outcome, refused } from '../../base/outcome.ts';
import { inChunks, type Messenger } from '../messenger.ts';
import { WIDE_ABOVE } from '../posting/joining.ts';
import { emptyChat, newMember, post } from '../posting/posting.ts';

const TITLE_NUMBERS = 99;

export interface NewChat {
  ownerId: number;
  /** C group, O open, N channel, J open channel, B collab, L open line, X bound to an external entity. */
  type: string;
  title?: string | undefined;
  description?: string | undefined;
  color?: Color | undefined;
  /** The owner is added by itself. */
  userIds: readonly number[];
  entityType?: string | undefined;
  entityId?: string | undefined;
  entityData?: readonly [string, string, string] | undefined;
  message?: string | undefined;
  /** A picture that is kept, and where it is to be seen. */
  picture?: { sizes: readonly PortraitSize[]; address: string } | undefined;
}

/**
 * Creates a chat with its members and first lines; finds it instead when the entity has its chat already. Refused when
 * `userIds` names users who do not exist, or whom the owner may not bring into a chat. Who may make the chats of which
 * entities is for the caller to ask.
 */
export function createChat(m: Messenger, input: NewChat): Promise<Outcome<number, 'unknown_user' | 'not_allowed'>> {
  return m.db.write(async (s) => {
    const found = await chatOfEntity(s, input);
    if (found) return done(found.id);
    const made = await makeChat(s, m, input);
    return made.ok ? done(made.value.id) : made;
  });
}

/** The same within a unit, where there is no chat of the entity. The chat is held, and may be posted into. */
export async function makeChat(s: WriteSession, m: Messenger, input: NewChat): Promise<Outcome<ChatRow, 'unknown_user' | 'not_allowed'>> {
  const users = await findUsers(s, [input.ownerId, ...input.userIds]);
  if (users.length < new Set([input.ownerId, ...input.userIds]).size) return refused('unknown_user');
  const owner = users.find((user) => user.id === input.ownerId)!;
  if (!(await mayBring(s, viewerOf(owner), users))) return refused('not_allowed');
  const members = users.filter((user) => user.active === 1 || user.id === input.ownerId);
  const chat = await insertChatRow(s, m, input, members);
  if (input.picture) await replacePortrait(s, `chat:${chat.id}`, input.picture.sizes);
  const at = m.stamp();
  await inChunks(members, async (chunk) => {
    await insertMembers(s, chunk.map((user) => newMember(chat, user.id, user.id === input.ownerId ? ROLE.owner : ROLE.member, at)));
    const others = chunk.filter(({ id }) => id !== input.ownerId);
    for (const { id } of others) happened(s, m, 'chat.joined', input.ownerId, { chatId: chat.id, subjectId: id });
  });
  await touchMeetings(s, chat, members, at);
  await postFirstLines(s, m, chat, input, members);
  return done(chat);
}

/** The chat that there is for the entity already, kept from being made twice at once. */
async function chatOfEntity(s: WriteSession, { entityType = '', entityId = '', ownerId }: NewChat): Promise<ChatRow | undefined> {
  const { chats } = entityKind(entityType);
  if (chats === 'many' || (chats === 'caller' && entityId === '')) return undefined;
  if (chats === 'caller') {
    await lockUser(s, ownerId);
    return findOwnChatOfEntity(s, entityType, entityId, ownerId);
  }
  await lockPortal(s);
  return findChatOfEntity(s, entityType, entityId);
}

async function insertChatRow(s: WriteSession, m: Messenger, input: NewChat, members: readonly UserRow[]): Promise<ChatRow> {
  const color = input.color ?? colorOf(await nextValue(s, 'chat_color'));
  const title = input.title || (await generatedTitle(s, color));
  const [data1, data2, data3] = input.entityData ?? ['', '', ''];
  return insertChat(s, {
    ...emptyChat(m.stamp()),
    type: input.type,
    title,
    description: input.description ?? '',
    owner_id: input.ownerId,
    color,
    avatar: input.picture?.address ?? '',
    entity_type: input.entityType ?? '',
    entity_id: input.entityId ?? '',
    entity_data_1: data1,
    entity_data_2: data2,
    entity_data_3: data3,
    manager_ids: JSON.stringify([input.ownerId]),
    extranet: members.some((user) => user.extranet === 1) ? 1 : 0,
    member_count: members.length,
    wide: members.length > WIDE_ABOVE ? 1 : 0,
  });
}

/** `Brown Chat #18`: each colour counts from 1 to 99 and starts again. */
async function generatedTitle(s: WriteSession, color: Color): Promise<string> {
  const number = await nextValue(s, `chat_title_${color}`);
  return `${colorName(color)} Chat #${((number - 1) % TITLE_NUMBERS) + 1}`;
}

/** The greeting, who was invited, the description and the first message: a new chat has a last message from the start. */
async function postFirstLines(
  s: WriteSession,
  m: Messenger,
  chat: ChatRow,
  input: NewChat,
  members: readonly UserRow[],
): Promise<void> {
  const owner = members.find((user) => user.id === input.ownerId) ?? (await findUser(s, input.ownerId))!;
  const invited = members.filter((user) => user.id !== owner.id);
  const system = { authorId: 0, actorId: owner.id, system: true };
  await post(s, m, chat, { ...system, text: systemTexts.created(owner, chat.title), counts: false });
  if (invited.length > 0) await post(s, m, chat, { ...system, ...systemTexts.invited(owner, invited) });
  const own = { authorId: owner.id, actorId: owner.id };
  if (input.description) await post(s, m, chat, { ...own, text: input.description });
  if (input.message) await post(s, m, chat, { ...own, text: input.message });
}
