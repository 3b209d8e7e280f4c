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
