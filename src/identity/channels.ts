/**
 * Channels of the vendor's push. Who has the id of a private or shared one may listen to what it stands for, who has a public
 * one may write to whom it stands for. An id says all by itself, encrypted, so nothing of it is stored; whose rights it stands
 * for is looked up whenever it is used.
 */
import { createCipheriv, createDecipheriv, createHmac, timingSafeEqual } from 'node:crypto';
import type { Caller } from '../base/caller.ts';
import { isAlive } from '../base/clock.ts';

/** How long a channel may be listened to, milliseconds. */
export const CHANNEL_MS = 43_205_000;
/** A chain of tokens, a webhook or a session: whose end ends the channel. */
export interface Holder {
  kind: 'webhook' | 'token' | 'session';
  /** Of the webhook, of the pair of tokens, or by which the session is named. */
  id: number;
  userId: number;
}

/** One that may be listened to. A shared one is heard by whoever has been given one of the same application. */
export interface Channel {
  type: 'private' | 'shared';
  holder: Holder;
  /** Milliseconds, whole seconds. */
  startsAt: number;
}

/** One that may be written to. */
export interface PublicChannel {
  userId: number;
  /** 0 for all that the user has open, or only what this application has. */
  appId: number;
  startsAt: number;
}

const PUBLIC = 5;
/** By the number that an id has for it. */
const LISTENED = [
  undefined, { kind: 'webhook', type: 'private' }, { kind: 'webhook', type: 'shared' }, { kind: 'token', type: 'private' }, { kind: 'token', type: 'shared' },
  undefined, { kind: 'session', type: 'private' }, { kind: 'session', type: 'shared' },
] as const;

/** What signs and encrypts, made of a secret of the portal. */
export class ChannelKeys {
  readonly #block: Uint8Array;
  readonly #signing: Uint8Array;
  readonly #tokens: Uint8Array;

  /** @param secret of the portal: see `settings().linkSecret` */
  constructor(secret: string) {
    if (secret === '') throw new Error('the portal has no secret for channels');
    const derived = (purpose: string) => createHmac('sha256', secret).update(`push ${purpose}`).digest();
    this.#block = derived('channel').subarray(0, 16);
    this.#signing = derived('signature');
    this.#tokens = derived('token');
  }

  /** As it is announced: `HEX.SIGNATURE`. */
  seal({ type, holder, startsAt }: Channel): string {
    const id = this.#encrypt(LISTENED.findIndex((kind) => kind?.kind === holder.kind && kind.type === type), holder.id, holder.userId, startsAt);
    const whole = type === 'private' ? `${id}:${this.sealPublic({ userId: holder.userId, appId: 0, startsAt }).id}` : id;
    return `${whole}.${this.#sign(whole)}`;
  }

  sealPublic({ userId, appId, startsAt }: PublicChannel): { id: string; signature: string } {
    const id = this.#encrypt(PUBLIC, userId, appId, startsAt);
    return { id, signature: this.#sign(`public:${id}`) };
  }

  /** Undefined for what this portal has not sealed. Whether it has ended is to be asked. */
  open(text: string): Channel | undefined {
    const [whole = '', signature = '', more] = text.split('.');
    if (more !== undefined || !this.#isSigned(whole, signature)) return undefined;
    const { kind, first, second, startsAt } = this.#decrypt(whole.slice(0, 32));
    const listened = LISTENED[kind];
    return listened && { type: listened.type, holder: { kind: listened.kind, id: first, userId: second }, startsAt };
  }

  openPublic(id: string, signature: string): PublicChannel | undefined {
    if (!/^[\da-f]{32}$/.test(id) || !this.#isSigned(`public:${id}`, signature)) return undefined;
    const { kind, first, second, startsAt } = this.#decrypt(id);
    return kind === PUBLIC ? { userId: first, appId: second, startsAt } : undefined;
  }

  /** A JSON web token for the same channels. @param times in milliseconds */
  issueToken(channels: readonly string[], { issuer, userId }: { issuer: string; userId: number }, { from, until }: { from: number; until: number }): string {
    const claims = { iss: issuer, iat: Math.floor(from / 1000), exp: Math.floor(until / 1000), sub: String(userId), chan: channels.join(',') };
    const text = `${base64url({ alg: 'HS256', typ: 'JWT' })}.${base64url(claims)}`;
    return `${text}.${this.#signToken(text)}`;
  }

  /** The channels of a token; undefined for one that this portal has not issued, or that has expired. */
  channelsOf(token: string, now: number): string[] | undefined {
    const [head = '', claims = '', signature = '', more] = token.split('.');
    if (more !== undefined || !isSame(signature, this.#signToken(`${head}.${claims}`))) return undefined;
    const { exp, chan } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as { exp: number; chan: string };
    return isAlive(exp * 1000, CHANNEL_MS, now) ? chan.split(',') : undefined;
  }

  /** One block, so equal contents look equal, and nothing else. */
  #encrypt(kind: number, first: number, second: number, startsAt: number): string {
    const block = Buffer.alloc(16);
    block.writeUInt8(kind, 0);
    block.writeUIntBE(first, 1, 6);
    block.writeUIntBE(second, 7, 5);
    block.writeUInt32BE(Math.floor(startsAt / 1000), 12);
    return createCipheriv('aes-128-ecb', this.#block, null).setAutoPadding(false).update(block).toString('hex');
  }

  #decrypt(id: string): { kind: number; first: number; second: number; startsAt: number } {
    const block = createDecipheriv('aes-128-ecb', this.#block, null).setAutoPadding(false).update(Buffer.from(id, 'hex'));
    return { kind: block.readUInt8(0), first: block.readUIntBE(1, 6), second: block.readUIntBE(7, 5), startsAt: block.readUInt32BE(12) * 1000 };
  }

  #sign(text: string): string {
    return createHmac('sha256', this.#signing).update(text).digest('hex');
  }

  #isSigned(text: string, signature: string): boolean {
    return isSame(signature, this.#sign(text));
  }

  #signToken(text: string): string {
    return createHmac('sha256', this.#tokens).update(text).digest('base64url');
  }
}

function base64url(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function isSame(given: string, right: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** The channel's last moment, milliseconds. */
export function channelEnd({ startsAt }: { startsAt: number }): number {
  return startsAt + CHANNEL_MS;
}

export function isOpen(channel: { startsAt: number }, now: number): boolean {
  return isAlive(channelEnd(channel), CHANNEL_MS, now);
}

/** Whose end ends the channels that a caller is given. */
export function holderOf({ userId, webhookId, application, sessionId }: Caller): Holder | undefined {
  if (application) return { kind: 'token', id: application.tokenId, userId };
  if (sessionId !== undefined) return { kind: 'session', id: sessionId, userId };
  return webhookId > 0 ? { kind: 'webhook', id: webhookId, userId } : undefined;
}

const keys = new Map<string, ChannelKeys>();

/** The same object for the same secret. */
export function channelKeys(secret: string): ChannelKeys {
  let found = keys.get(secret);
  if (!found) {
    keys.clear();
    keys.set(secret, (found = new ChannelKeys(secret)));
  }
  return found;
}
