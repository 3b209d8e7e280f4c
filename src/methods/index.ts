/** All methods there are. */
import type { Method } from '../rest/method.ts';
import { batchMethod } from '../rest/batch.ts';
import type { AppContext } from './app.ts';
import { applicationMethods } from './application.ts';
import { chatMethods } from './chat.ts';
import { departmentMethods } from './department.ts';
import { dialogMethods } from './dialog.ts';
import { eventMethods } from './event.ts';
import { imUserMethods } from './im-user.ts';
import { messageMethods } from './message.ts';
import { recentMethods } from './recent.ts';
import { reminderMethods } from './reminder.ts';
import { rightsMethods } from './rights.ts';
import { systemMethods } from './system.ts';
import { userMethods } from './user.ts';

export type { AppContext } from './app.ts';
export { recentItemShape } from './shapes.ts';

export const methods: ReadonlyArray<Method<AppContext>> = [
  ...recentMethods,
  ...dialogMethods,
  ...messageMethods,
  ...chatMethods,
  ...imUserMethods,
  ...userMethods,
  ...departmentMethods,
  ...systemMethods,
  ...rightsMethods,
  ...applicationMethods,
  ...eventMethods,
  batchMethod(),
  ...reminderMethods,
];
