/** The members of a chat in pages, with who they are. */
import type { Session } from '../database.ts';
import type { Builder } from '../statement.ts';
import type { UserRow } from './user-store.ts';

export interface MemberListing {
  chatId: number;
  /** Accounts that are left out, by where they sign in. */
  without: readonly string[];
}

function listed(q: Builder, { chatId, without }: MemberListing) {
  const members = q.selectFrom('member as m').innerJoin('user as u', 'u.id', 'm.user_id').where('m.chat_id', '=', chatId).where('m.left_at', '=', 0);
  return without.length > 0 ? members.where('u.external_auth_id', 'not in', [...without]) : members;
}

export async function countListed(s: Session, listing: MemberListing): Promise<number> {
  const [row] = await s.query((q) => listed(q, listing).select((eb) => eb.fn.countAll<number>().as('members')));
  return row!.members;
}

/** A page in the order of their numbers. */
export function listMembers(s: Session, listing: MemberListing, page: { after: number; offset: number; limit: number }): Promise<UserRow[]> {
  return s.query((q) =>
    listed(q, listing).selectAll('u').where('m.user_id', '>', page.after).orderBy('m.user_id').offset(page.offset).limit(page.limit),
  );
}
