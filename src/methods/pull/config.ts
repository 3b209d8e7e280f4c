/** How the vendor's clients connect: addresses, channels and a token for both. */
import { z } from 'zod';
import type { Caller } from '../../base/caller.ts';
import { CHANNEL_MS, channelEnd, channelKeys, holderOf, type Channel, type ChannelKeys } from '../../identity/channels.ts';
import { REVISION } from '../../delivery/live/vendor/pull-event.ts';
import { pushOrigins, serverAddresses } from '../../delivery/live/vendor/addresses.ts';
import { atom, int } from '../../messenger/views/scalars.ts';
import { toPolicy } from '../../portal/policy.ts';
import { error } from '../../rest/method.ts';
import { flag } from '../../rest/params.ts';
import { type AppContext, defineMethod } from '../app.ts';


/** From 5 on frames are JSON-RPC. */
const SERVER_VERSION = 5;

const channelShape = z.strictObject({
  id: z.string().describe('With its signature; a private one has its public id after a colon'),
  public_id: z.string().optional(),
  start: atom,
  end: atom,
  type: z.enum(['shared', 'private']),
});

const configShape = z.strictObject({
  server: z.strictObject({
    version: int,
    server_enabled: z.boolean(),
    mode: z.literal('personal'),
    hostname: z.string(),
    long_polling: z.string(),
    long_pooling_secure: z.string().describe('Spelled as clients read it'),
    websocket_enabled: z.boolean(),
    websocket: z.string(),
    websocket_secure: z.string(),
    publish_enabled: z.boolean(),
    publish: z.string(),
    publish_secure: z.string(),
    config_timestamp: int,
  }),
  api: z.strictObject({ revision_web: int, revision_mobile: int }),
  channels: z.strictObject({ shared: channelShape, private: channelShape }),
  jwt: z.string().describe('Stands for the channels in the address of a connection'),
  exp: int.describe('When it expires, seconds'),
  serverTime: atom,
});

const params = {
  CACHE: flag({ description: 'Without effect: nothing is kept that could be old', default: true }),
  REOPEN: flag({ description: 'Without effect: each answer has channels that have just begun', default: true }),
};

interface ConfigCall {
  context: AppContext;
  caller: Caller;
  origin: string;
}

/** Undefined for whoever has nothing whose end would end a channel. */
async function configOf({ context: { messenger, secureOrigin }, caller, origin }: ConfigCall): Promise<z.input<typeof configShape> | undefined> {
  const holder = holderOf(caller);
  if (!holder) return undefined;
  const { zone, values, linkSecret, memberId } = await messenger.settings();
  const startsAt = Math.floor(messenger.clock.now() / 1000) * 1000;
  const keys = channelKeys(linkSecret);
  const view = (type: Channel['type']) => viewChannel(keys, { type, holder, startsAt }, (ms) => zone.atom(ms));
  const channels = { shared: view('shared'), private: view('private') };
  const until = startsAt + CHANNEL_MS;
  return {
    server: { version: SERVER_VERSION, server_enabled: true, mode: 'personal', ...serverAddresses(pushOrigins(toPolicy(values).url, origin, secureOrigin)), config_timestamp: 0 },
    api: { revision_web: REVISION.web, revision_mobile: REVISION.mobile },
    channels,
    jwt: keys.issueToken([channels.private.id, channels.shared.id], { issuer: memberId, userId: caller.userId }, { from: startsAt, until }),
    exp: Math.floor(until / 1000),
    serverTime: zone.atom(messenger.clock.now()),
  };
}

function viewChannel(keys: ChannelKeys, channel: Channel, date: (ms: number) => string) {
  const id = keys.seal(channel);
  const colon = id.indexOf(':');
  return { id, ...(colon > 0 && { public_id: id.slice(colon + 1) }), start: date(channel.startsAt), end: date(channelEnd(channel)), type: channel.type };
}

const ofUser = defineMethod({
  name: 'pull.config.get',
  scope: 'pull_channel',
  summary: 'Where and by which channels the user\'s clients are told of changes; messages need the scope im as well',
  params,
  result: configShape,
  errors: { WRONG_AUTH_TYPE: error('WRONG_AUTH_TYPE', 403, 'Method not available for OAuth authorization.') },
  async run(call) {
    const config = call.caller.application ? undefined : await configOf(call);
    return config ?? call.fail('WRONG_AUTH_TYPE');
  },
});

const ofApplication = defineMethod({
  name: 'pull.application.config.get',
  scope: 'pull',
  summary: 'Where and by which channels an application is told of its own events',
  params,
  result: configShape,
  errors: { WRONG_AUTH_TYPE: error('WRONG_AUTH_TYPE', 403, 'Get access to application config available only for application authorization.') },
  async run(call) {
    const config = call.caller.application ? await configOf(call) : undefined;
    return config ?? call.fail('WRONG_AUTH_TYPE');
  },
});

export const pullConfigMethods = [ofUser, ofApplication];
