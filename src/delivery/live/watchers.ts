/** Whoever is connected and looks into chats that they are no members of. */
import type { Session } from '../../db/database.ts';
import type { ChatRow } from '../../db/stores/chat-store.ts';
import { chatsAmong } from '../../db/stores/live-store.ts';
import { watchersOf } from '../../db/stores/watch-store.ts';
import { isChannel, isOpen } from '../../messenger/access/rights.ts';

/** Who may be told as somebody who looks on. */
export interface Onlookers {
  users: ReadonlySet<number>;
  /** Milliseconds. */
  now: number;
}

/** Who looks into a chat, and whether anybody may. */
export interface Watched {
  users: readonly number[];
  open: boolean;
}

const ALL_CHANNELS = 0;
const NOBODY: ReadonlyMap<number, Watched> = new Map();

/** By chat. Costs nothing while nobody who is connected might look on. */
export async function findWatchers(s: Session, chats: readonly ChatRow[], { users, now }: Onlookers): Promise<ReadonlyMap<number, Watched>> {
  const concerned = users.size === 0 ? [] : chats.filter(({ type, parent_chat_id: parent }) => isOpen(type) || (type === 'T' && parent > 0));
  if (concerned.length === 0) return NOBODY;
  const parents = [...new Set(concerned.flatMap(({ type, parent_chat_id }) => (type === 'T' ? [parent_chat_id] : [])))];
  const asked = new Set([...concerned.map(placeOf), ...(concerned.some(isOpenChannel) ? [ALL_CHANNELS] : [])]);
  const [found, channels] = await Promise.all([watchersOf(s, [...asked], now), chatsAmong(s, parents)]);
  const here = Map.groupBy(found.filter(({ user_id }) => users.has(user_id)), ({ kind, chat_id }) => `${kind} ${chat_id}`);
  const openChannels = new Set(channels.filter(isOpenChannel).map(({ id }) => id));
  return new Map(concerned.map((chat) => {
    const keys = chat.type === 'T' ? [`comments ${placeOf(chat)}`] : [`chat ${chat.id}`, ...(isOpenChannel(chat) ? [`channels ${ALL_CHANNELS}`] : [])];
    const watching = new Set(keys.flatMap((key) => (here.get(key) ?? []).map(({ user_id }) => user_id)));
    return [chat.id, { users: [...watching], open: chat.type !== 'T' || openChannels.has(chat.parent_chat_id) }];
  }));
}

/** The chat by which it is watched: comments by their channel. */
function placeOf({ id, type, parent_chat_id }: ChatRow): number {
  return type === 'T' ? parent_chat_id : id;
}

function isOpenChannel({ type }: ChatRow): boolean {
  return isOpen(type) && isChannel(type);
}
