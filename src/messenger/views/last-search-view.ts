import { z } from 'zod';
import type { Zone } from '../../base/dates.ts';
import type { Dialog } from '../access/dialogs.ts';
import { chatTypeName, isChatType } from '../access/rights.ts';
import { hexOf, userHex } from './colors.ts';
import { atom, color, int } from './scalars.ts';
import { fullName, userShape, viewUser } from './user-view.ts';

/** A chat with less than elsewhere (page im.search.last.get). */
const lastChatShape = z.strictObject({
  id: int, name: z.string(), owner: int, extranet: z.boolean(), avatar: z.string(), color, type: z.string(),
  entity_type: z.string(), entity_id: z.string(), entity_data_1: z.string(), entity_data_2: z.string(), entity_data_3: z.string(),
  mute_list: z.union([z.tuple([]), z.record(z.string(), z.literal(true))]),
  date_create: atom, message_type: z.string().length(1),
});

/** A dialog that was opened: a person, or a chat. */
export const lastSearchShape = z.strictObject({
  id: z.union([z.string(), int]).describe('User, or chatN'),
  type: z.enum(['user', 'chat']),
  avatar: z.strictObject({ url: z.string(), color }),
  title: z.string(),
  chat: lastChatShape.optional().describe('The chat, where it is one'),
  user: userShape.optional().describe('The user, where it is a private dialog'),
});

export type LastSearch = z.infer<typeof lastSearchShape>;

export function viewLastSearch({ chat, member, peer }: Dialog, zone: Zone, viewerId: number): LastSearch {
  if (peer) return { id: peer.id, type: 'user', avatar: { url: peer.avatar, color: userHex(peer) }, title: fullName(peer), user: viewUser(peer, zone) };
  if (!chat || !isChatType(chat.type)) throw new Error('its type is unknown');
  const { id, title, owner_id, avatar, entity_type, entity_id, entity_data_1, entity_data_2, entity_data_3 } = chat;
  const view = {
    id, name: title, owner: owner_id, extranet: chat.extranet === 1, avatar, color: hexOf(chat.color), type: chatTypeName(chat),
    entity_type, entity_id, entity_data_1, entity_data_2, entity_data_3,
    mute_list: member?.muted === 1 ? { [viewerId]: true as const } : ([] as []),
    date_create: zone.atom(chat.created_at), message_type: chat.type,
  };
  return { id: `chat${id}`, type: 'chat', avatar: { url: avatar, color: view.color }, title, chat: view };
}
