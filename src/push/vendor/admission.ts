/** Who listens by which channels, and whether that still holds. Nobody gets more by a channel than by calls of the webhook, token or session it was given to. */
import type { Credentials, Identity } from '../../base/caller.ts';
import type { Database } from '../../db/database.ts';
import { secretHashOf } from '../../db/stores/holder-store.ts';
import type { Dialect, Ending, Standing } from '../../delivery/live/happening.ts';
import { applicationDialect, silentDialect, type Told, userDialect } from '../../delivery/live/vendor/dialect.ts';
import { type Channel, channelEnd, channelKeys, isOpen } from '../../identity/channels.ts';
import type { Viewer } from '../../messenger/access/viewer.ts';
import type { Messenger } from '../../messenger/messenger.ts';
import { admit, opens } from '../../rest/auth.ts';
import type { DispatchOptions, PortalState } from '../../rest/pipeline.ts';

/** Channels that one connection may name. */
const MOST_CHANNELS = 4;

export interface PullGate {
  db: Database;
  messenger: Messenger;
  dispatch: Pick<DispatchOptions<unknown>, 'enter'>;
}

export interface Admitted {
  viewer: Viewer;
  standing: Standing;
  dialect: Dialect<Told>;
  appId: number;
  channels: Array<Channel & { id: string }>;
}

/** Undefined for channels that this portal has not given out, that have ended, or whose holder may not listen any more. */
export async function admitted(gate: PullGate, query: URLSearchParams, secure: boolean): Promise<Admitted | undefined> {
  const channels = await channelsIn(gate, query);
  const [first] = channels;
  if (!first) return undefined;
  const look = () => lookUp(gate, first);
  const found = await look();
  if (!found || endingOf(found, secure)) return undefined;
  const { identity } = found;
  const check = async (): Promise<Ending | undefined> => {
    const now = await look();
    if (!now) return 'revoked';
    // Whoever has become somebody else to the rules comes again as such.
    return endingOf(now, secure) ?? (isSame(identity, now.identity) ? undefined : 'expired');
  };
  const viewer = { userId: identity.userId, admin: identity.admin, insider: identity.insider };
  const standing = { check, expiresAt: Math.min(identity.session?.expiresAt ?? Infinity, ...channels.map(channelEnd)) };
  return { viewer, standing, channels, appId: identity.application?.id ?? 0, dialect: dialectOf(identity, channels) };
}

/** All those that a connection names, or none: they must be of one holder. */
async function channelsIn({ messenger }: PullGate, query: URLSearchParams): Promise<Admitted['channels']> {
  const { linkSecret } = await messenger.settings();
  const [keys, now] = [channelKeys(linkSecret), messenger.clock.now()];
  const token = query.get('token');
  const ids = token === null ? (query.get('CHANNEL_ID') ?? '').split('/') : (keys.channelsOf(token, now) ?? []);
  if (ids.length > MOST_CHANNELS) return [];
  const channels = ids.map((id) => ({ ...keys.open(id), id }));
  const isGood = (channel: Partial<Channel>): channel is Channel => channel.holder !== undefined && isOpen(channel as Channel, now) && sameHolder(channel as Channel, channels[0] as Channel);
  return channels.filter(isGood).length === ids.length ? (channels as Admitted['channels']) : [];
}

function sameHolder({ holder: a }: Channel, { holder: b }: Channel): boolean {
  return a.kind === b.kind && a.id === b.id && a.userId === b.userId;
}

interface Found {
  identity: Identity;
  portal: PortalState;
}

async function lookUp({ db, dispatch }: PullGate, { holder }: Channel): Promise<Found | undefined> {
  const hash = await secretHashOf(db, holder);
  if (hash === undefined) return undefined;
  const credentials: Credentials = { kind: 'hash', of: holder.kind, hash };
  const { portal, identity } = await dispatch.enter(credentials, undefined);
  // A channel lives as long as it says, not as long as the token with which it was asked for: by refreshing that goes on.
  return identity?.userId === holder.userId ? { portal, identity: { ...identity, ...(identity.token && { token: { ...identity.token, expired: false } }) } } : undefined;
}

function endingOf({ identity, portal }: Found, secure: boolean): Ending | undefined {
  if (portal.closed || (portal.httpsRequired && !secure)) return 'closed';
  // That a page of ours has asked was proved when it was given its channels; whose session it is may have been dismissed since.
  if (identity.session && identity.inactive) return 'revoked';
  try {
    admit(identity, { scope: identity.application ? 'pull' : 'pull_channel' }, portal.commercial);
    return undefined;
  } catch {
    return 'revoked';
  }
}

function isSame(a: Identity, b: Identity): boolean {
  return a.admin === b.admin && a.insider === b.insider && a.scopes.has('im') === b.scopes.has('im');
}

/** A user's clients hear of messages by the private channel, those of an application what it says, by the channel it is said on. */
function dialectOf(identity: Identity, channels: readonly Channel[]): Dialect<Told> {
  const types = new Set(channels.map(({ type }) => type));
  if (identity.application) return applicationDialect(identity.application.id, types);
  return types.has('private') && opens(identity, { scope: 'im' }) ? userDialect : silentDialect;
}
