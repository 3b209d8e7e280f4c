/** Telling users something outside of chats, and taking it back. */
import {
  deleteNotification, deleteTagged, findNotification, insertNotification, type NotificationRow,
} from '../../db/stores/notification-store.ts';
import type { WriteSession } from '../../db/database.ts';
import { findUser, lockUser } from '../../db/stores/user-store.ts';
import { mayMeet } from '../access/meeting.ts';
import type { Viewer } from '../access/viewer.ts';
import type { Messenger } from '../messenger.ts';
import { storedText } from '../views/markup.ts';
import { type Button, NOTIFICATION_TYPE } from '../views/notification-view.ts';

export interface Notice {
  userId: number;
  /** From nobody, or from whoever sends it. */
  system: boolean;
  text: string;
  /** The application whose tags these are. */
  client: string;
  /** Takes the place of an earlier one with the same tag; empty for none. */
  tag: string;
  subTag: string;
  params: Record<string, unknown>;
  /** To choose from; none for one that only tells something. */
  buttons: readonly Button[];
}

/** Tells a user something. Undefined when there is no such active user, or none whom the sender may meet. */
export function notify(m: Messenger, sender: Viewer, notice: Notice): Promise<number | undefined> {
  return m.db.write(async (s) => {
    const user = await findUser(s, notice.userId);
    if (!user || user.active === 0 || !(await mayMeet(s, sender, user))) return undefined;
    return deliver(s, m, sender, notice);
  });
}

async function deliver(s: WriteSession, m: Messenger, sender: Viewer, notice: Notice): Promise<number> {
  const { userId, system, buttons, client, tag, subTag, params } = notice;
  if (tag !== '') {
    // Of two with one tag at once, the second takes the place of the first.
    await lockUser(s, userId);
    await deleteTagged(s, { client, by: 'tag', value: tag, userId });
  }
  const plain = system ? NOTIFICATION_TYPE.system : NOTIFICATION_TYPE.user;
  return insertNotification(s, {
    user_id: userId,
    author_id: system ? 0 : sender.userId,
    creator_id: sender.userId,
    type: buttons.length > 0 ? NOTIFICATION_TYPE.confirm : plain,
    client, tag, sub_tag: subTag,
    text: storedText(notice.text),
    params: Object.keys(params).length > 0 ? JSON.stringify(params) : '',
    buttons: buttons.length > 0 ? JSON.stringify(buttons) : '',
    unread: 1,
    created_at: m.stamp(),
  });
}

/** Takes a notification away: one's own, or one that one has sent. @returns whether there was one */
export function removeNotice(m: Messenger, { userId }: Viewer, id: number): Promise<boolean> {
  return m.db.write(async (s) => {
    const row = await findNotification(s, id);
    return row !== undefined && [row.user_id, row.creator_id].includes(userId) && deleteNotification(s, id);
  });
}

/** Takes away whatever an application has sent under a tag, to whomever. @returns whether there was any */
export function removeTagged(m: Messenger, client: string, by: 'tag' | 'sub_tag', value: string): Promise<boolean> {
  return m.db.write((s) => deleteTagged(s, { client, by, value }));
}

/** Chooses a button: the question is answered and gone, and whoever asked is told. The button's title; undefined where there is none such. */
export function choose(m: Messenger, viewer: Viewer, id: number, value: string): Promise<string | undefined> {
  return m.db.write(async (s) => {
    const asked = await findOwn(s, viewer, id);
    const button = asked && buttonsOf(asked).find((candidate) => candidate.VALUE === value);
    if (!asked || !button || !(await deleteNotification(s, id))) return undefined;
    if (asked.creator_id !== viewer.userId) await deliver(s, m, viewer, answerTo(asked, asked.creator_id, `${button.TITLE}: ${asked.text}`));
    return button.TITLE;
  });
}

/** Answers whoever a notification is from. False where it is from nobody, or from somebody whom the viewer may not meet. */
export function answer(m: Messenger, viewer: Viewer, id: number, text: string): Promise<boolean> {
  return m.db.write(async (s) => {
    const asked = await findOwn(s, viewer, id);
    const author = asked && asked.author_id !== viewer.userId ? await findUser(s, asked.author_id) : undefined;
    if (!asked || !author || author.active === 0 || !(await mayMeet(s, viewer, author))) return false;
    await deliver(s, m, viewer, answerTo(asked, author.id, text));
    return true;
  });
}

async function findOwn(s: WriteSession, { userId }: Viewer, id: number): Promise<NotificationRow | undefined> {
  const row = await findNotification(s, id);
  return row?.user_id === userId ? row : undefined;
}

function buttonsOf(row: NotificationRow): Button[] {
  return row.buttons === '' ? [] : (JSON.parse(row.buttons) as Button[]);
}

/** What belongs together has the same sub-tag, so that whoever asked can take away the answers too. */
function answerTo(asked: NotificationRow, userId: number, text: string): Notice {
  return { userId, system: false, text, client: asked.client, tag: '', subTag: asked.sub_tag, params: {}, buttons: [] };
}
