/** What has changed in a kept list since it last asked. */
import type { Session } from '../../db/database.ts';
import { type Changed, changedSince, FROM_THE_START } from '../../db/stores/change-store.ts';
import { snapshot } from '../../db/stores/generation-store.ts';
import type { CachedList } from './cached-list.ts';
import type { CommitLog } from './commit-log.ts';
import { foreignTo } from './foreign-chats.ts';

export interface ListNews {
  changed: Changed;
  /** Chats that have turned out not to be the user's. */
  foreign: number[];
}

/**
 * As the session sees it. Where this process has made all that was committed since, it is known without looking for it; who looks
 * different is then marked.
 *
 * @param commits where the process sees every commit
 * @param most own rows that are looked for
 */
export async function newsOf(s: Session, list: CachedList, commits: CommitLog | undefined, most: number): Promise<ListNews> {
  if (!commits) return { changed: await changedSince(s, list.userId, list.seen.token, FROM_THE_START, most), foreign: [] };
  const logged = await loggedNews(s, list, commits);
  if (logged) return logged;
  const chats = commits.chatsSince(list.checkedAt, list.userId) ?? [];
  const changed = await changedSince(s, list.userId, list.seen.token, FROM_THE_START, most);
  return { changed, foreign: await foreignTo(s, list, chats, changed) };
}

async function loggedNews(s: Session, list: CachedList, commits: CommitLog): Promise<ListNews | undefined> {
  const seen = await snapshot(s);
  const news = commits.between(list.seen.token, seen.token, list.userId);
  if (!news || seen.generation !== list.seen.generation) return undefined;
  const { shared, own } = news;
  const foreign = await foreignTo(s, list, shared.map(({ chatId }) => chatId), { rows: own });
  const others = new Set(foreign);
  const rows = [...own, ...shared.filter(({ chatId }) => !list.foreign.has(chatId) && !others.has(chatId))];
  return { changed: { seen, rows, users: [] }, foreign };
}
