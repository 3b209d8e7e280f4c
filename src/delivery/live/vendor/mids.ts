/** Ids of messages, by which clients go on after a reconnect: what had been seen before, and which of what came then. */
import { isSeen, type Seen } from '../../../db/stores/generation-store.ts';
import { LONGEST_TOKEN, parseSeen, parseToken, seenText, type SyncToken } from '../../../messenger/recent/sync-token.ts';

/** One event of an entry of the journal. */
export interface EventPlace {
  rev: number;
  seq: number;
  /** Of several that one entry leads to. */
  index: number;
}

export interface Resume {
  /** As it is written. */
  token: string;
  since: SyncToken;
  /** Of what follows it, what the client has been told already. */
  told: { upTo: EventPlace; of: Seen } | undefined;
}

/** @param token of the cursor; `told`: what has been told beyond it, up to a place in what was seen next */
export function midOf(token: string, own: string, told?: { upTo: EventPlace; of: Seen }): string {
  const beyond = told ? `/${told.upTo.rev}.${told.upTo.seq}.${told.upTo.index}/${seenText(told.of)}` : '';
  return Buffer.from(`${token}/${own}${beyond}`).toString('hex');
}

const FORMAT = /^([^/]+)\/[^/]*(?:\/(-?\d{1,16})\.(\d{1,16})\.(\d{1,3})\/([0-9a-z-]{1,300}))?$/;

/** Undefined for what is none. */
export function readMid(mid: string): Resume | undefined {
  if (mid.length > 4 * LONGEST_TOKEN || !/^(?:[\da-f]{2})+$/.test(mid)) return undefined;
  const [, token, rev, seq, index, seen] = FORMAT.exec(Buffer.from(mid, 'hex').toString()) ?? [];
  const since = token === undefined ? undefined : parseToken(token);
  if (token === undefined || !since || since.place) return undefined;
  const told = seen === undefined ? undefined : { upTo: { rev: Number(rev), seq: Number(seq), index: Number(index) }, of: parseSeen(seen) };
  return { token, since, told };
}

/** Whether a client that goes on there has been told of it. */
export function wasTold({ told }: Pick<Resume, 'told'>, place: EventPlace): boolean {
  if (!told) return false;
  const { upTo, of } = told;
  const before = place.rev - upTo.rev || place.seq - upTo.seq || place.index - upTo.index;
  return before <= 0 && isSeen(place.rev, of);
}
