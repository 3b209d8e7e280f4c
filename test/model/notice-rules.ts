/** What the methods about notifications do, as far as the counters show it. See rules.ts. */
import { mayMeet, type Model } from './model.ts';
import type { Expected } from './rules.ts';

/** What a user was told outside of chats. */
export interface Notice {
  id: number;
  user: number;
  sender: number;
  /** Empty for none. */
  tag: string;
  unread: boolean;
}

/** One takes the place of another of the same sender with the same tag to the same user. The number is the server's choice. */
export function notify(model: Model, actor: number, user: number, tag: string, result: unknown): Expected {
  if (!model.user(user).active || !mayMeet(model, actor, user)) return { result: false };
  model.notices = model.notices.filter((notice) => tag === '' || notice.user !== user || notice.sender !== actor || notice.tag !== tag);
  model.notices.push({ id: Number(result), user, sender: actor, tag, unread: true });
  return { result };
}

/** Everything, or from one of one's own on. */
export function readNotices(model: Model, actor: number, from: number, unread: boolean): Expected {
  for (const notice of model.notices) if (notice.user === actor && notice.id >= from) notice.unread = unread;
  return { result: true };
}

export function unreadNotices(model: Model, user: number): number {
  return model.notices.filter((notice) => notice.user === user && notice.unread).length;
}
