import { z } from 'zod';
import type { Zone } from '../../base/dates.ts';
import type { NotificationRow } from '../../db/stores/notification-store.ts';
import { plainText } from './markup.ts';
import { storedMap } from './presenting.ts';
import { atom, int } from './scalars.ts';
import { userShape } from './user-view.ts';

/** What asks for an answer, what is from a user, what is from nobody. */
export const NOTIFICATION_TYPE = { confirm: 1, user: 2, system: 4 } as const;

/** The module and event of all that applications tell users. */
export const NOTIFICATION_MODULE = 'rest';
export const NOTIFICATION_EVENT = 'rest_notify';

/** Notifications are in no chat. */
export const NO_CHAT = 0;

/** One answer to choose. */
export interface Button {
  TITLE: string;
  VALUE: string;
}

/** A notification (page im.notify.get). */
export const notificationShape = z.strictObject({
  id: int.describe('Number of the notification'),
  chat_id: int.describe('Always 0: notifications are in no chat'),
  author_id: int.describe('Who it is from; 0 for nobody'),
  date: atom.describe('When it was sent'),
  notify_type: int.describe('1 asks for an answer, 2 is from a user, 4 is from nobody'),
  notify_module: z.string().describe('Always rest here'),
  notify_event: z.string().describe('Always rest_notify here'),
  notify_tag: z.string().describe('Tag with its application before it; empty for none'),
  notify_sub_tag: z.string().describe('Second tag with its application before it; empty for none'),
  notify_title: z.string().describe('Always empty here'),
  setting_name: z.string().describe('Always rest|rest_notify here'),
  text: z.string().describe('Text'),
  notify_read: z.enum(['Y', 'N']).describe('Whether it is read'),
  notify_buttons: z.string().optional().describe('JSON list of what can be answered, each with TITLE and VALUE'),
  params: z.record(z.string(), z.unknown()).nullable().describe('Attachment by its name; null for none'),
}).meta({ id: 'Notification' });

export type NoticeView = z.infer<typeof notificationShape>;

export const noticePageShape = z.strictObject({
  total_count: int.optional().describe('How many there are in all'),
  total_unread_count: int.optional().describe('How many of them are unread'),
  total_results: int.optional().describe('How many were found, with the first page'),
  chat_id: int.optional().describe('Always 0: notifications are in no chat'),
  notifications: z.array(notificationShape),
  users: z.array(userShape),
});

export type NoticePage = z.infer<typeof noticePageShape>;

export function viewNotification(row: NotificationRow, zone: Zone, plain: boolean): NoticeView {
  const params = storedMap(row.params);
  return {
    id: row.id,
    chat_id: NO_CHAT,
    author_id: row.author_id,
    date: zone.atom(row.created_at),
    notify_type: row.type,
    notify_module: NOTIFICATION_MODULE,
    notify_event: NOTIFICATION_EVENT,
    notify_tag: shownTag(row.client, row.tag),
    notify_sub_tag: shownTag(row.client, row.sub_tag),
    notify_title: '',
    setting_name: `${NOTIFICATION_MODULE}|${NOTIFICATION_EVENT}`,
    text: plain ? plainText(row.text, { attach: false, file: false, userName: () => undefined }) : row.text,
    notify_read: row.unread === 1 ? 'N' : 'Y',
    ...(row.buttons !== '' && { notify_buttons: row.buttons }),
    params: Object.keys(params).length > 0 ? params : null,
  };
}

const MARK = 'MP';

function shownTag(client: string, tag: string): string {
  return tag === '' ? '' : [MARK, client, tag].join('|');
}

/** What a shown tag is made of; undefined for anything else. */
export function readTag(shown: string): { client: string; tag: string } | undefined {
  const [mark, client, ...rest] = shown.split('|');
  return mark === MARK && client !== undefined && rest.length > 0 ? { client, tag: rest.join('|') } : undefined;
}
