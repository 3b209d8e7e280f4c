/** Our own events: what they say, as docs/push.md describes it. Everything in them is absolute. */
import type {
  Around, ChatNews, Dialect, Happening, ListNews, MessageNews, NoticeNews, PresenceNews, ReactionNews, ReadNews, Recipient, Side, WritingNews,
} from '../delivery/live/happening.ts';
import { pageLinks } from '../messenger/file-links.ts';
import { isUnread } from '../messenger/messages/history.ts';
import { viewFiles } from '../messenger/posting/message-files.ts';
import { viewMessage } from '../messenger/views/message-view.ts';
import type { RecentItem } from '../messenger/views/recent-item.ts';
import { viewNotification } from '../messenger/views/notification-view.ts';
import { asStranger, fullName, viewUser } from '../messenger/views/user-view.ts';
import { PushEvent } from './event.ts';

type Tell = (to: Recipient) => PushEvent | undefined;

export const ourDialect: Dialect<PushEvent> = {
  compose(happening: Happening, around: Around): Tell | undefined {
    switch (happening.kind) {
      case 'message': return tellMessage(happening, around);
      case 'reaction': return tellReaction(happening);
      case 'read': return tellRead(happening, around);
      case 'chat': return tellChat(happening);
      case 'notice': return tellNotice(happening, around);
      case 'writing': return tellWriting(happening);
      case 'presence': return tellPresence(happening, around);
      default: return undefined;
    }
  },
  list({ items, removed, users, totals }: ListNews): PushEvent {
    const { ALL, NOTIFY, CHAT, LINES, DIALOG, MESSENGER } = totals;
    const counters = `{"ALL":${ALL},"NOTIFY":${NOTIFY},"CHAT":${CHAT},"LINES":${LINES},"DIALOG":${DIALOG},"MESSENGER":${MESSENGER}}`;
    const made = items.map(writtenOf);
    const [only] = made;
    // A message to a chat: one row, and that is all.
    const alike = only && made.length === 1 && removed.length === 0 && users.length === 0 ? only.events : undefined;
    let event = alike?.get(counters);
    if (!event) {
      event = new PushEvent('list', `{"items":[${made.map(({ json }) => json).join(',')}],"removed":${JSON.stringify(removed)},"users":${JSON.stringify(users)},"counters":${counters}}`);
      alike?.set(counters, event);
    }
    return event;
  },
};

/** Rows that look alike to many are one object. */
interface Written {
  json: string;
  /** Of the row alone, by the totals. */
  events: Map<string, PushEvent>;
}

const written = new WeakMap<RecentItem, Written>();

function writtenOf(item: RecentItem): Written {
  let known = written.get(item);
  if (!known) written.set(item, (known = { json: JSON.stringify(item), events: new Map() }));
  return known;
}

/** The same event for all who know the chat by the same id: most, and those of private dialogs one by one. */
function alike(name: string, chatId: number, data: (side: Side) => object): Tell {
  const made = new Map<number | string, PushEvent>();
  return ({ side }) => {
    if (!side) return undefined;
    const key = String(side.dialogId);
    let event = made.get(key);
    if (!event) made.set(key, (event = new PushEvent(name, JSON.stringify({ dialog_id: side.dialogId, chat_id: chatId, ...data(side) }))));
    return event;
  };
}

function tellMessage(news: MessageNews, around: Around): Tell {
  const { action, chat, messageId, message } = news;
  if (!message) return alike('message', chat.id, () => ({ action, message: { id: messageId }, users: [], files: [] }));
  const likes = news.reactions.get('like');
  const view = (unread: boolean) => JSON.stringify(viewMessage(message, around.zone, unread, likes));
  const views: Partial<Record<0 | 1, string>> = {};
  const made = new Map<string, PushEvent>();
  return (to) => {
    const { side, viewer } = to;
    if (!side) return undefined;
    const unread = isUnread(message, { read_count_seq: side.row.read_count_seq, user_id: viewer.userId }) ? 1 : 0;
    // What differs from one to another: addresses of files, and who is a stranger to a guest.
    const own = news.files.length > 0 || !viewer.insider;
    const key = `${side.dialogId} ${unread}`;
    const known = own ? undefined : made.get(key);
    if (known) return known;
    const event = new PushEvent('message', `{"dialog_id":${JSON.stringify(side.dialogId)},"chat_id":${chat.id},"action":"${action}","message":${(views[unread] ??= view(unread === 1))},${peopleAndFiles(news, to, around)}}`);
    if (!own) made.set(key, event);
    return event;
  };
}

function peopleAndFiles({ users, files }: MessageNews, { viewer, strangers, origin }: Recipient, { m, zone, linkSecret, now }: Around): string {
  const people = viewer.insider ? users : users.map((user) => (strangers.has(user.id) ? asStranger(user) : user));
  const shown = files.length === 0 ? [] : viewFiles(m, files, people, zone, pageLinks(origin, linkSecret, viewer.userId, now));
  return `"users":${JSON.stringify(people.map((user) => viewUser(user, zone)))},"files":${JSON.stringify(shown)}`;
}

function tellReaction({ chat, messageId, message, reactions }: ReactionNews): Tell | undefined {
  // Of a message that has gone meanwhile another event tells.
  if (!message) return undefined;
  return alike('reaction', chat.id, () => ({ message_id: messageId, reactions: Object.fromEntries(reactions) }));
}

function tellRead({ chat, reader, lastId, at }: ReadNews, { zone }: Around): Tell {
  return alike('read', chat.id, () => ({ user_id: reader.id, last_id: lastId, date: zone.atom(at) }));
}

function tellChat({ chat, change, joined, left }: ChatNews): Tell {
  const rest = { joined: joined.map(({ id }) => id), left: left.map(({ id }) => id), user_count: chat.member_count };
  const told = alike('chat', chat.id, () => ({ change, ...rest }));
  return (to) => (to.side ? told(to) : new PushEvent('chat', JSON.stringify({ dialog_id: `chat${chat.id}`, chat_id: chat.id, change: 'left', ...rest })));
}

function tellNotice({ action, entry, notices, unread }: NoticeNews, { zone }: Around): Tell {
  const views = notices.map((row) => viewNotification(row, zone, false));
  const event = new PushEvent('notification', JSON.stringify({
    added: action === 'added' ? views : [], changed: action === 'changed' ? views : [], deleted: action === 'deleted' ? [entry.subject_id] : [], counter: unread,
  }));
  return () => event;
}

function tellWriting({ chat, user, action }: WritingNews): Tell {
  return alike('writing', chat.id, () => ({ user_id: user.id, user_name: fullName(user), action }));
}

function tellPresence({ users }: PresenceNews, { zone }: Around): Tell {
  return ({ strangers }) => {
    const known = users.filter(({ user }) => !strangers.has(user.id)).map(({ user, online }) => {
      const { id, status, last_activity_date, idle, absent } = viewUser(user, zone);
      return { id, status, online, last_activity_date, idle, absent };
    });
    return known.length === 0 ? undefined : new PushEvent('presence', JSON.stringify({ users: known }));
  };
}
