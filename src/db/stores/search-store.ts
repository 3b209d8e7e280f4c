/** Finds messages of a chat by their text and date. */
import type { Session } from '../database.ts';
import { fold } from '../fold.ts';
import { Slice } from '../../base/turns.ts';
import type { MessageRow } from './message-store.ts';

export interface MessageSearch {
  chatId: number;
  /** First message the reader may see. */
  startId: number;
  /** What the text must hold, compared without regard to case; empty for any. */
  text: string;
  /** Earliest and latest date, both included, milliseconds. */
  from?: number | undefined;
  to?: number | undefined;
  /** Only what comes after this message in the order asked for. */
  after?: number | undefined;
  descending: boolean;
  limit: number;
}

/** Messages looked at with one query; between two of them others get their turn. */
const LOOKED_AT_ONCE = 500;

/** The first messages that match, in the order of their ids. Deleted ones match nothing. Its work grows with the messages it passes over. */
export async function searchMessages(s: Session, search: MessageSearch): Promise<MessageRow[]> {
  const wanted = fold(search.text);
  const found: MessageRow[] = [];
  const slice = new Slice();
  let { after } = search;
  while (found.length < search.limit) {
    const rows = await nextMessages(s, { ...search, after });
    found.push(...rows.filter((row) => fold(row.text).includes(wanted)));
    if (rows.length < LOOKED_AT_ONCE) break;
    after = rows.at(-1)!.id;
    if (slice.isOver()) await slice.next();
  }
  return found.slice(0, search.limit);
}

function nextMessages(s: Session, { chatId, startId, from, to, after, descending }: MessageSearch): Promise<MessageRow[]> {
  return s.query((q) => {
    let query = q
      .selectFrom('message')
      .selectAll()
      .where('chat_id', '=', chatId)
      .where('id', '>=', startId)
      .where('deleted', '=', 0)
      .orderBy('id', descending ? 'desc' : 'asc')
      .limit(LOOKED_AT_ONCE);
    if (from !== undefined) query = query.where('created_at', '>=', from);
    if (to !== undefined) query = query.where('created_at', '<=', to);
    if (after !== undefined) query = query.where('id', descending ? '<' : '>', after);
    return query;
  });
}
