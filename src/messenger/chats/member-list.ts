import type { Session } from '../../db/database.ts';
import { type ListedPage, pageOfListed } from '../../db/stores/member-list-store.ts';
import { findUsers, type UserRow } from '../../db/stores/user-store.ts';
import { type DialogRef, openDialog } from '../access/dialogs.ts';
import { hindrance } from '../access/actions.ts';
import { ROLE } from '../access/rights.ts';
import type { Viewer } from '../access/viewer.ts';
import { done, type Outcome, refused } from '../../base/outcome.ts';
import { flatMapGently, type Messenger } from '../messenger.ts';
import { present } from '../views/presenting.ts';
import { type UserView, viewUser } from '../views/user-view.ts';

/** Accounts of the system and of people from outside, by where they sign in. */
const EXTERNAL = ['bot', 'email', 'imconnector', 'network', 'replica'];

export interface MemberPage extends ListedPage {
  /** Leaves out all accounts that are not people of the portal, but for these kinds. */
  skipExternal: boolean;
  except: readonly string[];
}

/** A page of a dialog's members in the order of their numbers, and how many there are in all. */
export async function dialogMembers(
  m: Messenger,
  viewer: Viewer,
  ref: DialogRef,
  page: MemberPage,
): Promise<Outcome<{ users: UserView[]; total: number }, 'no_access' | 'not_shown'>> {
  const { zone } = await m.settings();
  return m.large.run(() => m.db.read(async (s) => {
    const dialog = await openDialog(s, viewer, ref);
    if (!dialog) return refused('no_access');
    const { chat, member, peer } = dialog;
    if (chat && chat.type !== 'P' && hindrance('listMembers', chat, member?.role ?? ROLE.guest)) return refused('not_shown');
    const without = page.skipExternal ? EXTERNAL.filter((kind) => !page.except.includes(kind)) : [];
    const { rows, total } = peer ? await pairPage(s, viewer, peer, without, page) : await pageOfListed(m.db, s, { chatId: chat!.id, without }, page);
    return done({ users: await flatMapGently(rows, (user) => present(m, { user: user.id }, () => viewUser(user, zone))), total });
  }));
}

interface Page {
  rows: UserRow[];
  total: number;
}

/** Who is in a private dialog is clear before its first message. */
async function pairPage(s: Session, viewer: Viewer, peer: UserRow, without: readonly string[], { after, offset, limit }: MemberPage): Promise<Page> {
  const pair = (await findUsers(s, [viewer.userId, peer.id])).filter((user) => !without.includes(user.external_auth_id));
  return { rows: pair.filter(({ id }) => id > after).slice(offset, offset + limit), total: pair.length };
}
