import { wordsOf } from '../../db/fold.ts';
import { searchChats } from '../../db/stores/chat-search-store.ts';
import type { Viewer } from '../access/viewer.ts';
import type { Messenger } from '../messenger.ts';
import { type SearchChat, toSearchChat } from '../views/dialog-view.ts';
import { cardIn } from './dialog-card.ts';

/** More words make a search no finer. */
const MOST_WORDS = 8;

/** A page of the group chats that the viewer may see by their titles and members, newest first. */
export async function findChats(
  m: Messenger,
  viewer: Viewer,
  find: string,
  lines: boolean,
  page: { offset: number; limit: number },
): Promise<{ rows: SearchChat[]; total: number }> {
  const { zone } = await m.settings();
  const words = wordsOf(find).slice(0, MOST_WORDS);
  if (words.length === 0) return { rows: [], total: 0 };
  return m.large.run(() => m.db.read(async (s) => {
    const ids = await searchChats(m.db, s, { userId: viewer.userId, open: viewer.insider, lines, words });
    // Asked for together: a store over a wire is waited for as often as for one.
    const cards = await Promise.all(ids.slice(page.offset, page.offset + page.limit).map((id) => cardIn(s, m, viewer, { kind: 'chat', id }, zone)));
    return { rows: cards.flatMap((card) => (card ? toSearchChat(card) : [])), total: ids.length };
  }));
}
