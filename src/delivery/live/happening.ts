/** What those who are connected can be told of, and how a family of clients tells it. */
import type { Zone } from '../../base/dates.ts';
import type { SideChange } from '../../db/changes.ts';
import type { ChatRow } from '../../db/stores/chat-store.ts';
import type { Seen, Snapshot } from '../../db/stores/generation-store.ts';
import type { JournalRow } from '../../db/stores/journal-store.ts';
import type { SideRow } from '../../db/stores/live-store.ts';
import type { MessageRow } from '../../db/stores/message-store.ts';
import type { NotificationRow } from '../../db/stores/notification-store.ts';
import type { ReactionsByCode } from '../../db/stores/reaction-store.ts';
import type { UserRow } from '../../db/stores/user-store.ts';
import type { Viewer } from '../../messenger/access/viewer.ts';
import type { Messenger } from '../../messenger/messenger.ts';
import type { ShownFile } from '../../messenger/posting/message-files.ts';
import type { Counters, CountersView } from '../../messenger/views/counters-view.ts';
import type { RecentItem } from '../../messenger/views/recent-item.ts';
import type { UserView } from '../../messenger/views/user-view.ts';

interface OfChat {
  entry: JournalRow;
  chat: ChatRow;
}

/** A message, as it is now. Undefined where it is gone. */
export interface MessageNews extends OfChat {
  kind: 'message';
  /** `deleted`: another text stands in its place; `erased`: it is gone. */
  action: 'added' | 'updated' | 'deleted' | 'erased';
  messageId: number;
  message: MessageRow | undefined;
  files: readonly ShownFile[];
  /** Who wrote it, and who uploaded its files. */
  users: readonly UserRow[];
  reactions: ReactionsByCode;
}

export interface ReactionNews extends OfChat {
  kind: 'reaction';
  messageId: number;
  message: MessageRow | undefined;
  /** Whose reaction it is, which one, and whether it was given or taken away. */
  userId: number;
  code: string;
  set: boolean;
  /** All that there are now. */
  reactions: ReactionsByCode;
}

/** How far somebody has read: told to themselves, and in chats that are not large to the other members. */
export interface ReadNews extends OfChat {
  kind: 'read';
  reader: UserRow;
  /** Back to an earlier message. */
  unread: boolean;
  lastId: number;
  /** Messages of others that are seen with it, newest first, at most 100: none where the chat is read as a whole. */
  seen: readonly number[];
  /** Milliseconds. */
  at: number;
}

/** What somebody did to their own side of a chat: told to them alone. */
export interface SideNews extends OfChat {
  kind: 'side';
  userId: number;
  change: Exclude<SideChange, 'read' | 'unread' | 'readAll' | ''>;
}

/** The same for those who only look on: they are no members. */
export interface WatchedNews extends OfChat {
  kind: 'watched';
  news: MessageNews | ReactionNews | ChatNews;
  /** Whether whoever is of the portal may look; else members of the channel whose comments these are. */
  open: boolean;
}

/** Somebody reads everything there is: told to them alone, before each chat of it. */
export interface AllReadNews {
  kind: 'allRead';
  entry: JournalRow;
}

export interface ChatNews extends OfChat {
  kind: 'chat';
  /** What of it, comma-separated: 'title', 'owner,managers', 'members', 'pins'…; empty where that is not known. */
  change: string;
  joined: readonly UserRow[];
  /** Who is no longer a member: they are told too. */
  left: readonly UserRow[];
}

export interface NoticeNews {
  kind: 'notice';
  entry: JournalRow;
  userId: number;
  action: 'added' | 'changed' | 'deleted';
  /** As they are now: the one that was added; of a change the newest ones. */
  notices: readonly NotificationRow[];
  users: readonly UserRow[];
  unread: number;
}

/** Somebody looks different. */
export interface UserNews {
  kind: 'user';
  entry: JournalRow;
  user: UserRow;
}

/** What an application has its clients told. */
export interface ApplicationNews {
  kind: 'application';
  entry: JournalRow;
}

/** Somebody is writing. */
export interface WritingNews {
  kind: 'writing';
  chat: ChatRow;
  user: UserRow;
  action: 'text' | 'voice';
}

/** Who has come or gone. */
export interface PresenceNews {
  kind: 'presence';
  users: ReadonlyArray<{ user: UserRow; online: boolean }>;
}

/** What clients have other clients told, on whichever node. */
export interface SignalNews {
  kind: 'signal';
  topic: string;
  detail: string;
}

export type Happening = MessageNews | ReactionNews | ReadNews | SideNews | AllReadNews | WatchedNews | ChatNews | NoticeNews | UserNews | ApplicationNews | WritingNews | PresenceNews | SignalNews;

/** One user's side of a chat, read last of all. */
export interface Side {
  row: SideRow;
  /** How the user addresses the chat: the partner's number, or `chatN`. */
  dialogId: number | string;
}

/** What everything is presented with. */
export interface Around {
  m: Messenger;
  zone: Zone;
  /** What addresses of files are signed with. */
  linkSecret: string;
  now: number;
}

/** Who is told. */
export interface Recipient {
  viewer: Viewer;
  /** Of the chat that it is about; undefined where it is about none, or the recipient has just left it. */
  side: Side | undefined;
  /** Under which the recipient reaches the portal, for addresses of files. */
  origin: string;
  /** Whom the recipient may not meet. */
  strangers: ReadonlySet<number>;
  /** The row of the list of the chat that it is about; undefined where the list shows none. */
  item?(): RecentItem | undefined;
}

export type Totals = CountersView['TYPE'];

/** What has changed in one user's list. */
export interface ListNews {
  items: readonly RecentItem[];
  /** Ids of rows that are no longer there. */
  removed: ReadonlyArray<number | string>;
  /** People who look different. */
  users: readonly UserView[];
  totals: Totals;
}

/**
 * How a family of clients is told. All of it is synchronous: facts are loaded before, and what follows the question who is a member is
 * made and sent in one turn of the event loop.
 */
export interface Dialect<E> {
  /**
   * What all are told alike is made here, once.
   *
   * @returns makes the event for one; undefined where these clients are not told, or just this one is not
   */
  compose(happening: Happening, around: Around): ((to: Recipient) => E | undefined) | undefined;
  /** Where it is left out these clients are told nothing of rows as such. */
  list?(news: ListNews): E;
  /** Whether these clients may look into chats that their users are no members of. */
  watches?: true;
}

/** Why one is told no more. */
export type Ending = 'expired' | 'revoked' | 'closed' | 'restart' | 'slow';

/** Where a listener stands when it begins, or has to begin anew. */
export interface Beginning {
  seen: Snapshot;
  /** What was missed cannot be told: load everything. */
  reset: boolean;
  /** What was missed follows. */
  resumed: boolean;
  counters: Counters;
}

/** One who is told: an open connection, or what is kept for one. */
export interface Listener<E = unknown> {
  readonly viewer: Viewer;
  readonly origin: string;
  readonly dialect: Dialect<E>;
  /** Comes first, and again when all rows may look different. */
  begin?(beginning: Beginning): void;
  /** Takes an event; it neither waits nor throws. */
  send(event: E): void;
  /**
   * All that had happened when `seen` was looked at has been sent; undefined: only a part of it, and the rest follows. Whatever was sent is to
   * leave now.
   */
  flush(seen: Snapshot | undefined): void;
  /** Resolves once its peer has taken most of what was sent, or is gone. */
  taken?(): Promise<void>;
  /** It waits for its turn, and hears nothing yet but that the connection lives. */
  wait?(): void;
  /** It is told no more. Called once. */
  end(reason: Ending): void;
}

/** By what right one listens. */
export interface Standing {
  /** Says what speaks against it now. Throws where that cannot be found out. */
  check(): Promise<Ending | undefined>;
  /** When it ends by itself, milliseconds; Infinity for never. */
  expiresAt: number;
}

export type { Seen, Snapshot };
