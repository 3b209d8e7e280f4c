import { z } from 'zod';

/** Where a chat that belongs to something else leads, as `entity_link` says it. */
export const entityLinkShape = z.strictObject({
  type: z.string().describe('Kind of thing; empty for none'),
  url: z.string().describe('Path of its page; empty for none'),
  id: z.string().describe('Its id; empty for none'),
});

export type EntityLink = z.infer<typeof entityLinkShape>;

const CRM_TYPES = new Set(['LEAD', 'DEAL', 'CONTACT', 'COMPANY']);

/**
 * The link of a chat's entity as `viewerId` sees it: task and calendar pages are the viewer's own.
 * All three strings are empty for a chat without an entity (page im.recent.get).
 */
export function entityLink(entityType: string, entityId: string, viewerId: number): EntityLink {
  switch (entityType) {
    case 'TASKS':
    case 'TASKS_TASK':
      return { type: 'TASKS', url: taskUrl(entityId, viewerId), id: entityId };
    case 'CALENDAR':
      return { type: 'CALENDAR', url: `/company/personal/user/${viewerId}/calendar/?EVENT_ID=${encodeURIComponent(entityId)}`, id: entityId };
    case 'SONET_GROUP':
      return { type: 'SONET_GROUP', url: `/workgroups/group/${encodeURIComponent(entityId)}/`, id: entityId };
    case 'CRM':
      return crmLink(entityId);
    default:
      return { type: entityType, url: '', id: entityId };
  }
}

/** Where the things that chats belong to are, and what the way there is called: clients put the ids in. */
const PATHS: Readonly<Record<string, { path: string; path_title: string }>> = {
  SONET_GROUP: { path: '/workgroups/group/#ID#/', path_title: 'Go to group' },
  TASKS: { path: '/company/personal/user/#USER_ID#/tasks/task/view/#ID#/', path_title: 'Go to task' },
  CALENDAR: { path: '/company/personal/user/#USER_ID#/calendar/?EVENT_ID=#ID#', path_title: 'Go to event' },
  CRM: { path: '', path_title: '' },
};

/** What the restrictions on a card say of it; nothing for chats of most kinds (page im.dialog.get). */
export function entityPath(entityType: string): { path?: string; path_title?: string } {
  return Object.hasOwn(PATHS, entityType) ? PATHS[entityType]! : {};
}

function taskUrl(taskId: string, viewerId: number): string {
  const task = encodeURIComponent(taskId);
  return `/company/personal/user/${viewerId}/tasks/task/view/${task}/?ta_sec=chat_tasks&ta_el=view_button`;
}

/** `DEAL|1663` → the deal's card; `DYNAMIC_128|5` → the card of an item of a type made on the portal. */
function crmLink(entityId: string): EntityLink {
  const [kind = '', item = ''] = entityId.split('|');
  const id = encodeURIComponent(item);
  if (CRM_TYPES.has(kind)) return { type: kind, url: `/crm/${kind.toLowerCase()}/details/${id}/`, id: entityId };
  const dynamicType = kind.startsWith('DYNAMIC_') ? kind.slice('DYNAMIC_'.length) : '';
  const url = dynamicType ? `/crm/type/${encodeURIComponent(dynamicType)}/details/${id}/` : '';
  return { type: 'DYNAMIC', url, id: entityId };
}
