import { findOwnChatOfEntity } from '../../db/stores/chat-store.ts';
import { findOpenChatOfEntity } from '../../db/stores/entity-store.ts';
import type { Viewer } from '../access/viewer.ts';
import type { Messenger } from '../messenger.ts';

/** The chat of an entity: one of those the viewer is in, else one that is open to them. */
export function findEntityChat(m: Messenger, { userId, insider }: Viewer, entityType: string, entityId: string): Promise<number | undefined> {
  if (entityType === '') return Promise.resolve(undefined);
  return m.db.read(async (s) => {
    const own = await findOwnChatOfEntity(s, entityType, entityId, userId);
    const chat = own ?? (insider ? await findOpenChatOfEntity(s, entityType, entityId) : undefined);
    return chat?.id;
  });
}
