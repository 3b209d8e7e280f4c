/** What an application tells its own clients, and their users. */
import { z } from 'zod';
import { type ApplicationEvent, tellApplication } from '../../delivery/live/vendor/application-events.ts';
import { findApplication } from '../../identity/applications.ts';
import { notify } from '../../messenger/notify/notify.ts';
import { reachable } from '../../messenger/people/reachable.ts';
import { error } from '../../rest/method.ts';
import { idList, requiredText, structure, text, wrong } from '../../rest/params.ts';
import { argumentError } from '../../rest/request-error.ts';
import type { Value } from '../../rest/values.ts';
import { defineMethod } from '../app.ts';

const MOST_USERS = 100;
/** UTF-16 units of JSON. */
const LONGEST_PARAMS = 16_384;
const LONGEST_WORD = 100;
const LONGEST_PUSH = 4000;

/** A word of certain characters. */
function word<E extends string>(description: string, error: E, pattern: RegExp) {
  const any = text({ description, error, max: LONGEST_WORD });
  return { ...any, parse: (raw: Value | undefined, name: string, env: Parameters<typeof any.parse>[2]) => {
    const given = any.parse(raw, name, env);
    return given === undefined || pattern.test(given) ? given : wrong({ error }, name, 'has characters that are not allowed');
  } };
}

const eventAdd = defineMethod({
  name: 'pull.application.event.add',
  scope: 'pull',
  summary: 'Tells the application\'s own clients something: those of some users, or all that have it open',
  params: {
    COMMAND: word('What the event is called: letters, digits, _ : | . -', 'COMMAND_ERROR', /^[A-Za-z0-9_:|.-]+$/),
    PARAMS: structure({ description: `A map, up to ${LONGEST_PARAMS} characters as JSON` }),
    MODULE_ID: word('Under which module clients hear it, application unless given: lower-case letters, digits, . _', 'MODULE_ID_ERROR', /^[a-z0-9._]+$/),
    USER_ID: idList({ description: 'Users whose clients are told, for administrators; others may name themselves. All without it', max: MOST_USERS }),
  },
  example: { COMMAND: 'order.ready', PARAMS: { id: 17 } },
  result: z.literal(true),
  errors: {
    WRONG_AUTH_TYPE: error('WRONG_AUTH_TYPE', 403, 'Get access to application config available only for application authorization.'),
    USER_ID_ACCESS_ERROR: error('USER_ID_ACCESS_ERROR', 400, 'Only admin can send notifications to other channels'),
    MODULE_ID_ERROR: error('MODULE_ID_ERROR', 400, 'Module ID format error'),
    COMMAND_ERROR: error('COMMAND_ERROR', 400, 'Command format error'),
    PARAMS_ERROR: error('PARAMS_ERROR', 400, 'Params format error'),
  },
  async run({ context: { messenger: m }, caller, params, fail }) {
    const { id } = caller.application ?? fail('WRONG_AUTH_TYPE');
    const event: ApplicationEvent = {
      module_id: params.MODULE_ID ?? 'application',
      command: params.COMMAND ?? fail('COMMAND_ERROR'),
      params: mapIn(params.PARAMS) ?? fail('PARAMS_ERROR'),
    };
    const users = params.USER_ID;
    if (!caller.admin && users.some((userId) => userId !== caller.userId)) return fail('USER_ID_ACCESS_ERROR');
    await tellApplication(m, id, { ...event, ...(users.length > 0 && { users: [...new Set(users)] }) });
    return true as const;
  },
});

/** Nothing is an empty map; a map without entries comes as an empty list. Undefined for what is neither. */
function mapIn(given: Value | undefined): object | undefined {
  if (given === undefined || given === null || given === '') return {};
  if (typeof given !== 'object') return undefined;
  if (JSON.stringify(given).length > LONGEST_PARAMS) throw argumentError('PARAMS', `is longer than ${LONGEST_PARAMS} characters as JSON`);
  return given;
}

const pushAdd = defineMethod({
  name: 'pull.application.push.add',
  scope: 'pull',
  summary: 'Tells users something by a notification of the messenger, in the name of the application: there is no mobile application that could show it',
  params: {
    USER_ID: idList({ description: 'Users', required: true, max: MOST_USERS }),
    TEXT: requiredText({ description: 'Text', error: 'TEXT_ERROR', max: LONGEST_PUSH }),
    AVATAR: text({ description: 'Address of a picture: without effect', max: 1000 }),
  },
  example: { USER_ID: [2], TEXT: 'Your order is ready' },
  result: z.literal(true),
  errors: {
    WRONG_AUTH_TYPE: error('WRONG_AUTH_TYPE', 403, 'Send push notifications available only for application authorization.'),
    ACCESS_ERROR: error('ACCESS_ERROR', 400, 'You do not have access to send push notifications'),
    TEXT_ERROR: error('TEXT_ERROR', 400, "Text can't be empty"),
    EMPTY_APP_NAME: error('EMPTY_APP_NAME', 400, 'For send push-notification application name can\'t be empty'),
  },
  async run({ context: { messenger: m }, caller, params, fail }) {
    const application = caller.application ?? fail('WRONG_AUTH_TYPE');
    if (!caller.admin) return fail('ACCESS_ERROR');
    const title = (await findApplication(m, application.id))?.title ?? '';
    if (title.trim() === '') return fail('EMPTY_APP_NAME');
    const notice = { system: true, text: `[b]${title}[/b]\n${params.TEXT}`, client: application.clientId, tag: '', subTag: '', params: {}, buttons: [] };
    for (const user of await reachable(m, caller, [...new Set(params.USER_ID)])) await notify(m, caller, { ...notice, userId: user.id });
    return true as const;
  },
});

export const pullApplicationMethods = [eventAdd, pushAdd];
