import type { UserRow } from '../../db/stores/user-store.ts';

/** Who looks or acts, as far as rules ask. It comes with a call's credentials, so that nobody asks the store again who calls. */
export interface Viewer {
  readonly userId: number;
  readonly admin: boolean;
  /** One of the portal's own people, not a guest from outside: an extranet user. */
  readonly insider: boolean;
}

/** The same for somebody who does not call. */
export function viewerOf(user: Pick<UserRow, 'id' | 'admin' | 'extranet'>): Viewer {
  return { userId: user.id, admin: user.admin === 1, insider: user.extranet === 0 };
}
