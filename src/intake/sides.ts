/** The owner's own side of a chat: what is read, pinned, muted and marked. */
import { lockChat } from '../db/stores/chat-store.ts';
import { lastTaken, lockIntake, noteTaken } from '../db/stores/intake-store.ts';
import { lockMember, pinnedChats, updateMember } from '../db/stores/member-store.ts';
import { lockMessage, markSeen } from '../db/stores/message-store.ts';
import { PIN_LIMIT } from '../messenger/recent/row-state.ts';
import { digestOf, type Ledger } from './ledger.ts';
import type { RemoteRow } from './shapes.ts';

/** Another one where anything of the row has changed that is brought. */
export function sideDigest(row: RemoteRow, ownerId: number): number {
  return digestOf([row.message, row.counter, row.last_id, row.pinned, row.unread, isMuted(row, ownerId)]);
}

/** Lists tell it as a map by user, cards as a list of users. */
export function isMuted({ chat: { mute_list: list } }: RemoteRow, ownerId: number): boolean {
  if (Array.isArray(list)) return list.some((id) => Number(id) === ownerId);
  return typeof list === 'object' && list !== null && Object.hasOwn(list, ownerId) && (list as Record<string, unknown>)[ownerId] === true;
}

/** @param owner of the list, there and here */
export async function bringSide(ledger: Ledger, row: RemoteRow, chatId: number, owner: { there: number; here: number }): Promise<void> {
  const { db, m, sourceId } = ledger;
  const refused = await db.write(async (s) => {
    await lockIntake(s, sourceId);
    const chat = (await lockChat(s, chatId))!;
    const last = row.message.status ? (await lastTaken(s, sourceId, chatId, row.message.id))?.local_id : undefined;
    if (last !== undefined && (await lockMessage(s, last))?.seen === 0) await markSeen(s, [last]);
    const member = await lockMember(s, owner.here, chatId);
    const full = row.pinned && member?.pinned === 0 && (await pinnedChats(s, owner.here)).length >= PIN_LIMIT;
    if (member) {
      const read = (await lastTaken(s, sourceId, chatId, row.last_id))?.local_id ?? 0;
      const counter = Math.min(row.counter, chat.count_seq);
      await updateMember(s, owner.here, chatId, {
        pinned: row.pinned && !full ? 1 : 0, muted: isMuted(row, owner.there) ? 1 : 0, unread: row.unread ? 1 : 0, last_id: read, viewed_id: read, own_seq: 0,
        read_count_seq: chat.count_seq - counter, has_unread: counter > 0 || row.unread ? 1 : 0, updated_at: m.stamp(),
      });
    }
    await noteTaken(s, sourceId, `side ${owner.there}`, row.chat_id, sideDigest(row, owner.there));
    return full;
  });
  if (refused) ledger.leftOut(`pins beyond ${PIN_LIMIT}`);
}
