import { wordsOf } from '../../db/fold.ts';
import { findPage } from '../../db/stores/user-page.ts';
import type { Condition } from '../../db/stores/user-search.ts';
import { findUsers } from '../../db/stores/user-store.ts';
import { knownTo } from '../access/meeting.ts';
import type { Viewer } from '../access/viewer.ts';
import { flatMapGently, type Messenger } from '../messenger.ts';
import { present } from '../views/presenting.ts';
import { OUTSIDERS, type UserView, viewUser } from '../views/user-view.ts';

/** More words make a search no finer. */
const MOST_WORDS = 8;

/** A page of the active people whom the viewer may see, in whose name, position or department each of the words begins one. */
export async function findPeople(m: Messenger, viewer: Viewer, find: string, page: { offset: number; limit: number }): Promise<{ rows: UserView[]; total: number }> {
  const { zone } = await m.settings();
  const words = wordsOf(find).slice(0, MOST_WORDS);
  const met = knownTo(viewer);
  const active: Condition = { number: 'active', is: { op: 'in', values: [1] } };
  const condition: Condition = { all: [active, { not: { auth: OUTSIDERS } }, ...(met ? [met] : []), ...words.map(beginning)] };
  if (words.length === 0) return { rows: [], total: 0 };
  return m.db.read(async (s) => {
    const { ids, total } = await findPage(m.db, s, { condition, order: [] }, { ...page, counted: true });
    const users = await findUsers(s, ids);
    return { rows: await flatMapGently(users, (user) => present(m, { user: user.id }, () => viewUser(user, zone))), total };
  });
}

function beginning(word: string): Condition {
  const inText = { op: 'like', pieces: ['', ` ${word}`, ''] } as const;
  return { any: [{ text: 'search', is: inText }, { departmentName: { op: 'like', pieces: [word, ''] } }, { departmentName: inText }] };
}
