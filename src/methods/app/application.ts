import { z } from 'zod';
import { allOptions, LONGEST_OPTION_NAME, oneOption, type OptionOwner, setOptions } from '../../identity/app-options.ts';
import { findApplication, framePath, openableApps } from '../../identity/applications.ts';
import { atom, int } from '../../messenger/views/scalars.ts';
import { EncodedJson, error } from '../../rest/method.ts';
import type { Application, Caller } from '../../base/caller.ts';
import { anything, text } from '../../rest/params.ts';
import { argumentError } from '../../rest/request-error.ts';
import type { Value, ValueMap } from '../../rest/values.ts';
import { type AppContext, defineMethod } from '../app.ts';

const NO_APPLICATION = error('ACCESS_DENIED', 403, 'Access denied! Application context required');
const NO_ADMIN = error('ACCESS_DENIED', 403, 'Access denied! Administrator authorization required');

const LANGUAGE = 'en';
const LICENSE = `${LANGUAGE}_selfhosted`;

const installation = z.strictObject({
  installed: z.boolean(),
  version: int,
  status: z.string(),
  scope: z.string().describe('Comma-separated scope codes of the application'),
  domain: z.string(),
  uri: z.string(),
  client_endpoint: z.string(),
  member_id: z.string(),
  member_type: z.string(),
});

const applicationInfo = z.strictObject({
  ID: int.positive(),
  CODE: z.string().describe('The client id'),
  VERSION: int,
  STATUS: z.string().describe('L: a local application'),
  INSTALLED: z.boolean(),
  PAYMENT_EXPIRED: z.enum(['Y', 'N']),
  DAYS: int.nullable(),
  LANGUAGE_ID: z.string(),
  LICENSE: z.string(),
  LICENSE_TYPE: z.string(),
  LICENSE_FAMILY: z.string(),
  client_id: z.string(),
  scope: z.string().describe('Comma-separated scope codes of the token'),
  expires: atom.describe('When the token expires'),
  install: installation,
  user_id: int.positive(),
});

const info = defineMethod({
  name: 'app.info',
  scope: null,
  summary: 'What the token or webhook is',
  params: {},
  result: z.union([applicationInfo, z.strictObject({ SCOPE: z.array(z.string()), LICENSE: z.string() })]),
  errors: {},
  async run({ context, caller, origin }) {
    if (!caller.application) return { SCOPE: [...caller.scopes], LICENSE };
    return describeApplication(context, caller, caller.application, origin);
  },
});

/** Both what the portal says of an application and what the authorization server says of a token: here they are one address. */
async function describeApplication({ messenger }: AppContext, caller: Caller, application: Application, origin: string) {
  const { memberId, zone } = await messenger.settings();
  const app = (await findApplication(messenger, application.id))!;
  return {
    ID: app.id,
    CODE: app.client_id,
    VERSION: app.version,
    STATUS: 'L',
    INSTALLED: app.installed === 1,
    PAYMENT_EXPIRED: 'N' as const,
    DAYS: null,
    LANGUAGE_ID: LANGUAGE,
    LICENSE,
    LICENSE_TYPE: 'selfhosted',
    LICENSE_FAMILY: 'selfhosted',
    client_id: app.client_id,
    scope: [...caller.scopes].join(','),
    expires: zone.atom(application.expiresAt),
    install: {
      installed: app.installed === 1,
      version: app.version,
      status: 'L',
      scope: app.scope,
      // Without a port: clients compare it with the bare host of an endpoint before they trust an installation.
      domain: new URL(origin).hostname,
      uri: app.redirect_uri,
      client_endpoint: `${origin}/rest/`,
      member_id: memberId,
      member_type: 'selfhosted',
    },
    user_id: caller.userId,
  };
}

const openableApp = z.strictObject({
  id: int.positive(),
  client_id: z.string(),
  title: z.string(),
  url: z.string().describe('Path of the portal at which it opens'),
  installed: z.boolean().describe('Whether it is set up; before that it is for administrators alone'),
});

const appsList = defineMethod({
  name: 'tidemark.apps.list',
  scope: 'im',
  summary: 'The applications that the caller can open in the portal, oldest first',
  params: {},
  result: z.array(openableApp),
  errors: {},
  async run({ context: { messenger }, caller }) {
    const apps = await openableApps(messenger, { id: caller.userId, admin: caller.admin ? 1 : 0 });
    return apps.map((app) => ({ id: app.id, client_id: app.client_id, title: app.title, url: framePath(app), installed: app.installed === 1 }));
  },
});

type Owner = (caller: Caller, application: Application) => OptionOwner;

const forAll: Owner = (_caller, { id }) => ({ appId: id, userId: 0 });
const forUser: Owner = ({ userId }, { id }) => ({ appId: id, userId });

function getter(name: string, whose: string, owner: Owner) {
  return defineMethod({
    name,
    scope: null,
    summary: `What the application has stored ${whose}`,
    params: { OPTION: text({ description: 'Name of one option; all of them when left out', max: LONGEST_OPTION_NAME }) },
    example: { OPTION: 'theme' },
    result: z.unknown(),
    errors: { NO_APPLICATION },
    async run({ context: { messenger }, caller, params, fail }) {
      const from = owner(caller, caller.application ?? fail('NO_APPLICATION'));
      if (params.OPTION) return new EncodedJson([(await oneOption(messenger, from, params.OPTION)) ?? 'null']);
      return messenger.large.run(async () => new EncodedJson(toMap(await allOptions(messenger, from))));
    },
  });
}

/** A map without entries is an empty list, as everywhere on the wire. */
function toMap(options: ReadonlyMap<string, string>): string[] {
  if (options.size === 0) return ['[]'];
  return [...[...options].map(([name, value], index) => `${index === 0 ? '{' : ','}${JSON.stringify(name)}:${value}`), '}'];
}

const setParams = { OPTIONS: anything({ description: 'Values by name, others stay as they are; without it the parameters themselves are the values' }) };
const setExample = { OPTIONS: { theme: 'dark' } };

const appOptionSet = defineMethod({
  name: 'app.option.set',
  scope: null,
  summary: 'Stores values of the application for all users; only an administrator may',
  params: setParams,
  example: setExample,
  result: z.literal(true),
  errors: { NO_APPLICATION, NO_ADMIN },
  async run({ context, caller, params, given, fail }) {
    const application = caller.application ?? fail('NO_APPLICATION');
    if (!caller.admin) fail('NO_ADMIN');
    return store(context, forAll(caller, application), params.OPTIONS ?? bare(given()));
  },
});

const userOptionSet = defineMethod({
  name: 'user.option.set',
  scope: null,
  summary: 'Stores values of the application for the caller',
  params: setParams,
  example: setExample,
  result: z.literal(true),
  errors: { NO_APPLICATION },
  async run({ context, caller, params, given, fail }) {
    const application = caller.application ?? fail('NO_APPLICATION');
    return store(context, forUser(caller, application), params.OPTIONS ?? bare(given()));
  },
});

/** Without `options` the parameters themselves are the options, in the spelling in which they came. */
function bare(given: ValueMap): ValueMap | undefined {
  return Object.keys(given).some((name) => name.toUpperCase() !== 'OPTIONS') ? given : undefined;
}

async function store({ messenger }: AppContext, owner: OptionOwner, options: Value | undefined): Promise<true> {
  const outcome = await setOptions(messenger, owner, toOptions(options));
  if (!outcome.ok) throw argumentError('OPTIONS', outcome.reason);
  return true;
}

function toOptions(options: Value | undefined): Map<string, string> {
  if (options === undefined || options === null || options === '') throw argumentError('OPTIONS', 'is null or empty');
  if (typeof options !== 'object' || Array.isArray(options)) throw argumentError('OPTIONS', 'must be a map of values by name');
  return new Map(Object.entries(options).map(([name, value]) => [name, JSON.stringify(value)]));
}

export const applicationMethods = [
  info,
  appsList,
  getter('app.option.get', 'for all users', forAll),
  appOptionSet,
  getter('user.option.get', 'for the caller', forUser),
  userOptionSet,
];
