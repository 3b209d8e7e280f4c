/** The rows of a kept list that have changed, read again. */
import type { Database } from '../../db/database.ts';
import type { Changed } from '../../db/stores/change-store.ts';
import type { CachedList } from './cached-list.ts';
import type { CommitLog } from './commit-log.ts';
import { type ListNews, newsOf } from './list-news.ts';
import type { EncodedRow } from './recent-window.ts';
import type { SharedRows } from './shared-rows.ts';

export interface Renewal extends ListNews {
  /** The chats of which rows were read. */
  chatIds: number[];
  /** Those that are in the list. */
  rows: EncodedRow[];
}

/** What is known beforehand. */
export interface Known {
  /** What has changed, where it was asked for already. */
  told: Changed | undefined;
  /** The commits, where this process sees every one. */
  commits: CommitLog | undefined;
  /** Chats whose rows show somebody who may look different. */
  marked: readonly number[];
}

/** @param most rows; undefined where there are more */
export async function renewal(db: Database, list: CachedList, shared: SharedRows, known: Known, most: number): Promise<Renewal | undefined> {
  const { told, commits, marked } = known;
  const joined = commits && marked.length === 0 ? await renewedBySides(list, commits, shared, most) : undefined;
  return joined ?? shared.reading((reading) => db.read(async (s) => {
    const { changed, foreign } = told ? { changed: told, foreign: [] } : await newsOf(s, list, commits, most);
    if (changed.rows.length >= most) return undefined;
    const chatIds = [...new Set([...marked, ...list.changedIn(changed)])];
    return { changed, foreign, chatIds, rows: await shared.encode(s, reading, list.userId, chatIds, changed, marked) };
  }));
}

/** Where all is known but the user's sides, as after a message for most of those who see it: by one statement. Else undefined. */
async function renewedBySides(list: CachedList, commits: CommitLog, shared: SharedRows, most: number): Promise<Renewal | undefined> {
  const { count, token } = commits;
  const news = token === undefined ? undefined : commits.between(list.seen.token, token, list.userId);
  if (!news || !list.zone) return undefined;
  const rows = [...news.own, ...news.shared.filter(({ chatId }) => !list.foreign.has(chatId))];
  const changed: Changed = { seen: { token: token!, top: token!, open: [], generation: list.seen.generation }, rows, users: [] };
  const chatIds = [...new Set(list.changedIn(changed))];
  if (chatIds.length >= most) return undefined;
  if (chatIds.length === 0) return { changed, foreign: [], chatIds, rows: [] };
  const joined = await shared.joinSides(list, list.zone, chatIds, news.shared);
  // What was committed meanwhile may be in some of the rows and not in others.
  if (!joined || commits.count !== count) return undefined;
  const foreign = new Set(joined.foreign.filter((chatId) => !list.has(chatId)));
  return { changed: { ...changed, rows: rows.filter(({ chatId }) => !foreign.has(chatId)) }, foreign: [...foreign], chatIds, rows: joined.rows };
}
