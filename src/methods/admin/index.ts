/** What administrators do to the portal: all that `/admin/` does, it does by these. */
import { adminApplicationMethods } from './applications.ts';
import { allChatMethods } from './chats.ts';
import { callMethods } from './calls.ts';
import { deliveryMethods } from './deliveries.ts';
import { figureMethods } from './figures.ts';
import { peopleMethods } from './people.ts';
import { rehearsalMethods } from './rehearsals.ts';
import { settingMethods } from './settings.ts';
import { webhookMethods } from './webhooks.ts';

export const adminMethods = [
  ...peopleMethods, ...allChatMethods, ...webhookMethods, ...adminApplicationMethods, ...settingMethods, ...rehearsalMethods, ...deliveryMethods,
  ...callMethods, ...figureMethods,
];
