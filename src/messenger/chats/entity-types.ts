/** What chats of other things may be made through `im.chat.add`, by whom and with what effect. */

/** Who may make the chat of an entity: everybody, administrators, or nobody since it is no entity. */
export type Maker = 'anyone' | 'admin' | 'nobody';

export interface EntityKind {
  maker: Maker;
  /** Message type of its chats whatever TYPE says; that of TYPE when left out. */
  letter?: 'L' | 'X';
  /**
   * How many chats one entity has: `portal` one, which is found instead of made again; `caller` one for each who asks,
   * of which they are a member, so that nobody finds a stranger's; `many` any number.
   */
  chats: 'portal' | 'caller' | 'many';
}

/** Of things of the portal: whoever makes their chat speaks for them, and members can neither leave nor silence some. */
const OF_THE_PORTAL: EntityKind = { maker: 'admin', chats: 'portal' };
const OF_USERS: EntityKind = { maker: 'anyone', chats: 'many' };
/** A word that clients know as a kind of chat: the chat would pass for what it is not. */
const NO_ENTITY: EntityKind = { maker: 'nobody', chats: 'many' };

export const ENTITY_KINDS: Readonly<Record<string, EntityKind>> = {
  '': OF_USERS,
  LINES: { ...OF_USERS, letter: 'L' },
  LIVECHAT: OF_USERS,
  TASKS_TASK: { maker: 'anyone', letter: 'X', chats: 'caller' },
  TASKS: { maker: 'anyone', chats: 'caller' },
  CALENDAR: OF_USERS,
  MAIL: OF_USERS,
  CRM: OF_USERS,
  VIDEOCONF: OF_USERS,
  ANNOUNCEMENT: OF_USERS,
  AI_ASSISTANT_PRIVATE: OF_USERS,
  GENERAL: OF_THE_PORTAL,
  SONET_GROUP: OF_THE_PORTAL,
  CALL: { maker: 'admin', chats: 'many' },
  SUPPORT24_NOTIFIER: OF_THE_PORTAL,
  SUPPORT24_QUESTION: OF_THE_PORTAL,
  NETWORK_DIALOG: OF_THE_PORTAL,
  ...Object.fromEntries(
    ['PRIVATE', 'CHAT', 'OPEN', 'CHANNEL', 'OPEN_CHANNEL', 'GENERAL_CHANNEL', 'COLLAB', 'COPILOT', 'COMMENT', 'THREAD', 'NOTIFICATION', 'USER'].map((word) => [word, NO_ENTITY]),
  ),
};

/**
 * Of a type that is not in the table: an application's own. Underscores that clients do not see, as in `CALL_`, make no
 * other type.
 */
export function entityKind(entityType: string): EntityKind {
  const seen = entityType.replace(/_+/g, '_').replace(/_$/, '');
  return Object.hasOwn(ENTITY_KINDS, seen) ? ENTITY_KINDS[seen]! : OF_USERS;
}
