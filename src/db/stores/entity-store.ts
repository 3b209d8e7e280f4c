import { sql } from 'kysely';
import type { Session } from '../database.ts';
import type { ChatRow } from './chat-store.ts';

/** The oldest chat bound to an entity that people of the portal may look into. */
export async function findOpenChatOfEntity(s: Session, entityType: string, entityId: string): Promise<ChatRow | undefined> {
  const [chat] = await s.query((q) =>
    q
      .selectFrom('chat')
      .selectAll()
      .where('entity_type', '=', entityType)
      .where('entity_type', '<>', sql.lit(''))
      .where('entity_id', '=', entityId)
      .where('type', 'in', ['O', 'J'])
      .orderBy('id')
      .limit(1),
  );
  return chat;
}

/** The oldest general chat. */
export async function findGeneralChat(s: Session): Promise<number | undefined> {
  const [chat] = await s.query((q) =>
    q
      .selectFrom('chat')
      .select('id')
      .where('entity_type', '=', 'GENERAL')
      .where('entity_type', '<>', sql.lit(''))
      .orderBy('id')
      .limit(1),
  );
  return chat?.id;
}

/** A workgroup's chat as one user stands to it. */
export interface GroupChat {
  title: string;
  type: string;
  /** The user's; undefined where they are no member. */
  role: number | undefined;
}

/** The chats of workgroups, by the workgroups' numbers; of those that have several, the oldest. */
export async function groupsWith(s: Session, userId: number, groupIds: readonly number[]): Promise<Map<number, GroupChat>> {
  if (groupIds.length === 0) return new Map();
  const rows = await s.query((q) =>
    q
      .selectFrom('chat as c')
      .leftJoin('member as m', (join) => join.onRef('m.chat_id', '=', 'c.id').on('m.user_id', '=', userId).on('m.left_at', '=', 0))
      .select(['c.entity_id', 'c.title', 'c.type', 'm.role'])
      .where('c.entity_type', '=', 'SONET_GROUP')
      .where('c.entity_id', 'in', groupIds.map(String))
      .orderBy('c.id', 'desc'),
  );
  return new Map(rows.map(({ entity_id, title, type, role }) => [Number(entity_id), { title, type, role: role ?? undefined }]));
}
