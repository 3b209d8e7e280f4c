/** The members of a chat in pages, with who they are. */
import type { Database, Session } from '../database.ts';
import { Pace } from '../pace.ts';
import type { Builder } from '../statement.ts';
import { findUsers, type UserRow } from './user-store.ts';

export interface MemberListing {
  chatId: number;
  /** Accounts that are left out, by where they sign in. */
  without: readonly string[];
}

function listed(q: Builder, { chatId, without }: MemberListing) {
  const members = q.selectFrom('member as m').innerJoin('user as u', 'u.id', 'm.user_id').where('m.chat_id', '=', chatId).where('m.left_at', '=', 0);
  return without.length > 0 ? members.where('u.external_auth_id', 'not in', [...without]) : members;
}

export interface ListedPage {
  /** The last user of the page before; 0 for the first. */
  after: number;
  offset: number;
  limit: number;
}

/** A page in the order of their numbers, and how many there are in all. Where a statement keeps everybody waiting, each is about some members. */
export async function pageOfListed({ mostScanned }: Pick<Database, 'mostScanned'>, s: Session, listing: MemberListing, page: ListedPage): Promise<{ rows: UserRow[]; total: number }> {
  if (mostScanned === Infinity) return { rows: await listMembers(s, listing, page), total: await countListed(s, listing) };
  const ids: number[] = [];
  let [total, passed] = [0, 0];
  for await (const some of listedIds(s, listing, mostScanned)) {
    total += some.length;
    const later = some.filter((id) => id > page.after);
    ids.push(...later.slice(Math.max(0, page.offset - passed), Math.max(0, page.offset + page.limit - passed)));
    passed += later.length;
  }
  return { rows: await findUsers(s, ids), total };
}

async function* listedIds(s: Session, listing: MemberListing, most: number): AsyncGenerator<number[]> {
  const pace = new Pace(most);
  for (let last = 0; ; ) {
    const { ids, full } = await pace.piece(async (size) => {
      const rows = await s.query((q) => listed(q, listing).select('m.user_id').where('m.user_id', '>', last).orderBy('m.user_id').limit(size));
      return { ids: rows.map((row) => row.user_id), full: rows.length === size };
    });
    yield ids;
    if (!full) return;
    last = ids.at(-1)!;
  }
}

async function countListed(s: Session, listing: MemberListing): Promise<number> {
  const [row] = await s.query((q) => listed(q, listing).select((eb) => eb.fn.countAll<number>().as('members')));
  return row!.members;
}

function listMembers(s: Session, listing: MemberListing, page: ListedPage): Promise<UserRow[]> {
  return s.query((q) =>
    listed(q, listing).selectAll('u').where('m.user_id', '>', page.after).orderBy('m.user_id').offset(page.offset).limit(page.limit),
  );
}
