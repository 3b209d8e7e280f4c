/** All methods there are. */
import type { Method } from '../rest/method.ts';
import { batchMethod } from '../rest/batch/batch.ts';
import type { AppContext } from './app.ts';
import { adminMethods } from './admin/index.ts';
import { applicationMethods } from './app/application.ts';
import { chatMethods } from './im/chat.ts';
import { chatSettingMethods } from './im/chat-settings.ts';
import { departmentChangeMethods } from './department/department-changes.ts';
import { departmentMethods } from './department/department.ts';
import { dialogListMethods } from './im/dialog-lists.ts';
import { dialogMethods } from './im/dialog.ts';
import { diskMethods } from './disk/disk.ts';
import { eventMethods } from './app/event.ts';
import { userEventMethods } from './im/event.ts';
import { imDepartmentMethods } from './im/department.ts';
import { imDiskMethods } from './im/disk.ts';
import { imUserMethods } from './im/user.ts';
import { linkMethods } from './system/links.ts';
import { offlineMethods } from './app/offline.ts';
import { messageActionMethods } from './im/message-actions.ts';
import { messageMethods } from './im/message.ts';
import { noticeMethods } from './im/notices.ts';
import { notifyMethods } from './im/notify.ts';
import { reactionMethods } from './im/reaction.ts';
import { pullApplicationMethods } from './pull/application.ts';
import { pullChannelMethods } from './pull/channels.ts';
import { pullConfigMethods } from './pull/config.ts';
import { recentMethods } from './im/recent.ts';
import { reminderMethods } from './im/reminder.ts';
import { rightsMethods } from './system/rights.ts';
import { searchMethods } from './im/search.ts';
import { statusMethods } from './im/status.ts';
import { systemMethods } from './system/system.ts';
import { userMethods } from './user/user.ts';
import { v2FileMethods } from './im/v2-file.ts';

export type { AppContext } from './app.ts';
export { LOOKING } from './admin/calls.ts';
export { knownMethods } from './admin/rehearsals.ts';

export const methods: ReadonlyArray<Method<AppContext>> = [
  ...recentMethods,
  ...dialogMethods,
  ...dialogListMethods,
  ...messageMethods,
  ...reactionMethods,
  ...messageActionMethods,
  ...chatMethods,
  ...chatSettingMethods,
  ...imUserMethods,
  ...statusMethods,
  ...imDepartmentMethods,
  ...searchMethods,
  ...notifyMethods,
  ...noticeMethods,
  ...v2FileMethods,
  ...imDiskMethods,
  ...diskMethods,
  ...linkMethods,
  ...userMethods,
  ...departmentMethods,
  ...departmentChangeMethods,
  ...systemMethods,
  ...rightsMethods,
  ...applicationMethods,
  ...eventMethods,
  ...offlineMethods,
  ...userEventMethods,
  ...pullConfigMethods,
  ...pullChannelMethods,
  ...pullApplicationMethods,
  batchMethod(),
  ...reminderMethods,
  ...adminMethods,
];
