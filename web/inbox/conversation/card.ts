/** A dialog's card (im.dialog.get), as far as the conversation uses it, and what one may do by it. */

export type Role = 'guest' | 'member' | 'manager' | 'owner';
type Needed = Role | 'none';

export interface Reader {
  user_id: number;
  user_name: string;
  message_id: number;
  date: string | null;
}

export interface Card {
  id: number;
  dialog_id: string;
  name: string;
  description: string;
  avatar: string;
  color: string;
  type: string;
  message_type: string;
  entity_type: string;
  owner: number;
  manager_list: number[];
  role: Role;
  extranet: boolean;
  permissions: Readonly<Record<'manage_users_add' | 'manage_users_delete' | 'manage_ui' | 'manage_settings' | 'manage_messages' | 'can_post', Needed>>;
  restrictions: Readonly<Record<'avatar' | 'rename' | 'extend' | 'mute' | 'leave' | 'leave_owner' | 'send' | 'user_list', boolean>>;
  text_field_enabled: boolean;
  counter: number;
  unread_id: number;
  last_id: number;
  last_message_id: number;
  user_counter: number;
  mute_list: number[];
  readed_list: Reader[];
  parent_chat_id: number;
  parent_message_id: number;
}

const RANK: Readonly<Record<Needed, number>> = { guest: 0, member: 1, manager: 2, owner: 3, none: 4 };

export function may(card: Card | undefined, permission: keyof Card['permissions']): boolean {
  return card !== undefined && RANK[card.role] >= RANK[card.permissions[permission]];
}

export const isPrivate = (dialogId: string): boolean => /^\d+$/.test(dialogId);

export const isChannel = ({ message_type: letter }: Pick<Card, 'message_type'>): boolean => letter === 'N' || letter === 'J';

/** Whoever sees comments may add one, and is among their members from then on. */
const mayComment = ({ message_type: letter, role, permissions }: Card): boolean => letter === 'T' && role === 'guest' && RANK[permissions.can_post] <= RANK.member;

/** Why nobody writes here; undefined where one may. */
export function writeBar(card: Card, peer: { active?: boolean } | undefined): 'mayNot_channel' | 'mayNot_role' | 'mayNot_kind' | 'mayNot_dismissed' | undefined {
  if (peer?.active === false) return 'mayNot_dismissed';
  if (!card.restrictions.send || card.permissions.can_post === 'none') return 'mayNot_kind';
  if (card.text_field_enabled || mayComment(card)) return undefined;
  return isChannel(card) ? 'mayNot_channel' : 'mayNot_role';
}
