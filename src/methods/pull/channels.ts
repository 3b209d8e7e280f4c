/** Channels by which users write to each other's clients, what is watched, and when users were last seen. */
import { z } from 'zod';
import type { Caller } from '../../base/caller.ts';
import { channelEnd, channelKeys } from '../../identity/channels.ts';
import { extendWatches } from '../../messenger/chats/watching.ts';
import { reachable, secondsSince } from '../../messenger/people/reachable.ts';
import { atom, int } from '../../messenger/views/scalars.ts';
import { error } from '../../rest/method.ts';
import { decodeText } from '../../rest/json.ts';
import { flag, id, idList } from '../../rest/params.ts';
import { argumentError } from '../../rest/request-error.ts';
import type { Value } from '../../rest/values.ts';
import { type AppContext, defineMethod } from '../app.ts';

const MOST_USERS = 1000;

const publicChannel = z.strictObject({
  user_id: int.positive(),
  public_id: z.string(),
  signature: z.string(),
  start: atom,
  end: atom,
});

const APPLICATION = flag({ description: 'Y for the channel on which only the calling application hears', default: false });
const WRONG_AUTH_TYPE = error('WRONG_AUTH_TYPE', 400, 'Get application public channel available only for application authorization.');

interface ChannelCall {
  context: AppContext;
  caller: Caller;
  params: { APPLICATION: boolean };
  fail: (name: 'WRONG_AUTH_TYPE') => never;
}

/** Of active users whom the caller knows. */
async function channelsOf({ context: { messenger: m }, caller, params, fail }: ChannelCall, ids: readonly number[]) {
  const appId = params.APPLICATION ? (caller.application?.id ?? fail('WRONG_AUTH_TYPE')) : 0;
  const { zone, linkSecret } = await m.settings();
  const startsAt = Math.floor(m.clock.now() / 1000) * 1000;
  const users = await reachable(m, caller, ids);
  return users.map((user) => {
    const { id: publicId, signature } = channelKeys(linkSecret).sealPublic({ userId: user.id, appId, startsAt });
    return { user_id: user.id, public_id: publicId, signature, start: zone.atom(startsAt), end: zone.atom(channelEnd({ startsAt })) };
  });
}

const get = defineMethod({
  name: 'pull.channel.public.get',
  scope: 'pull_channel',
  summary: 'The channel on which one can write to a user\'s clients',
  params: { USER_ID: id({ description: 'User' }), APPLICATION },
  example: { USER_ID: 1 },
  result: publicChannel,
  errors: { WRONG_AUTH_TYPE, USER_NOT_EXISTS: error('USER_NOT_EXISTS', 400, 'User does not exist') },
  async run(call) {
    const [channel] = await channelsOf(call, [call.params.USER_ID]);
    return channel ?? call.fail('USER_NOT_EXISTS');
  },
});

const list = defineMethod({
  name: 'pull.channel.public.list',
  scope: 'pull_channel',
  summary: 'The channels on which one can write to users\' clients; who is not there or not known is left out',
  params: {
    USERS: idList({ description: 'Users', error: 'INVALID_FORMAT', required: true, max: MOST_USERS }),
    APPLICATION,
  },
  example: { USERS: [1, 2] },
  result: z.union([z.record(z.string(), publicChannel), z.array(z.never()).describe('Nobody is known')]),
  errors: { WRONG_AUTH_TYPE, INVALID_FORMAT: error('INVALID_FORMAT', 400, 'A wrong format for the USERS field is passed') },
  async run(call) {
    const channels = await channelsOf(call, call.params.USERS);
    return channels.length === 0 ? [] : Object.fromEntries(channels.map((channel) => [channel.user_id, channel]));
  },
});

const lastSeen = defineMethod({
  name: 'pull.api.user.getLastSeen',
  scope: 'pull',
  summary: 'How many seconds ago users were active last, 0 for who is connected; who never was, or is not known, is left out',
  params: {
    USERIDS: idList({ description: 'Users', required: true, max: MOST_USERS }),
    SENDTOQUEUESEVER: flag({ description: 'Without effect: there is no other server to be told', default: false }),
  },
  example: { USERIDS: [1, 2] },
  result: z.union([z.record(z.string(), int.nonnegative()), z.array(z.never()).describe('Nobody was ever active')]),
  errors: {},
  async run({ context: { messenger: m, live }, caller, params }) {
    const seen = secondsSince(await reachable(m, caller, params.USERIDS), (userId) => live.listeners(userId) > 0, m.clock.now());
    return Object.keys(seen).length > 0 ? seen : [];
  },
});

const MOST_TAGS = 100;
const LONGEST_TAG = 100;

/** A list of texts. */
const tags = {
  type: 'array',
  description: 'IM_PUBLIC_N for open chat or channel N, IM_PUBLIC_COMMENT_N for the comments in channel N, IM_SHARED_CHANNEL_LIST for all open channels; up to 100',
  required: true,
  parse(raw: Value | undefined, name: string): string[] {
    const given = decodeText(raw, name);
    if (given === undefined || given === null || given === '') throw argumentError(name, 'is null or empty');
    const list = typeof given === 'object' ? Object.values(given) : [given];
    if (list.length > MOST_TAGS) throw argumentError(name, `has more than ${MOST_TAGS} tags`);
    if (!list.every((tag) => typeof tag === 'string' && tag.length <= LONGEST_TAG)) throw argumentError(name, `must be a list of texts of up to ${LONGEST_TAG} characters`);
    return list as string[];
  },
};

const watchExtend = defineMethod({
  name: 'pull.watch.extend',
  scope: 'pull',
  summary: 'Looks into open chats and channels that the user is no member of, for the next 40 minutes: the user\'s clients are told of what happens there',
  params: { TAGS: tags },
  example: { TAGS: ['IM_PUBLIC_5'] },
  result: z.array(z.string()).describe('Tags of what is not watched: it is not there, or not for the user'),
  errors: {},
  run: ({ context: { messenger }, caller, params }) => extendWatches(messenger, caller, params.TAGS),
});

export const pullChannelMethods = [get, list, lastSeen, watchExtend];
