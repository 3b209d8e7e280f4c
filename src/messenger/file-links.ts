/** Addresses of files: signed, for one purpose, and for a while. Who has one acts for whom it was made out to, whose rights are looked up then. */
import { createHmac, timingSafeEqual } from 'node:crypto';

/** What an address lets one do: fetch a file, look at it, look at a small picture of it, or put a file into a folder. */
export const PURPOSES = ['download', 'show', 'preview', 'upload'] as const;
export type Purpose = (typeof PURPOSES)[number];

export interface Pass {
  purpose: Purpose;
  /** The file, or the folder. */
  id: number;
  /** Whose rights it stands for; 0 for whoever has it, while the file is shared. */
  userId: number;
  /** When it ends, milliseconds; 0 for never. */
  until: number;
  /** Of an upload: whether a name that is taken gets a number. */
  numbered?: boolean;
}

const SCOPE: Readonly<Record<Purpose, string>> = { download: 'im', show: 'im', preview: 'im', upload: 'disk' };
const HOUR = 3_600_000;

/** How long an address is good, milliseconds. */
export const LINK_MS = { fetch: 10 * 60_000, upload: HOUR, shown: HOUR };

/** @param secret of the portal: see `settings().linkSecret` */
export function sealPass(secret: string, { purpose, id, userId, until, numbered = false }: Pass): string {
  const text = Buffer.from([purpose, id, userId, until, Number(numbered)].join(' ')).toString('base64url');
  const scope = SCOPE[purpose];
  return `${scope}|${text}|${signature(secret, scope, text)}`;
}

/** Undefined for what this portal has not sealed, or what has ended. */
export function openPass(secret: string, token: string, now: number): Pass | undefined {
  const [scope = '', text = '', given = '', more] = token.split('|');
  const right = Buffer.from(signature(secret, scope, text));
  const sent = Buffer.from(given);
  if (more !== undefined || sent.length !== right.length || !timingSafeEqual(sent, right)) return undefined;
  const [purpose, ...numbers] = Buffer.from(text, 'base64url').toString().split(' ');
  const [id, userId, until, numbered] = numbers.map(Number) as [number, number, number, number];
  if (until !== 0 && until <= now) return undefined;
  return { purpose: purpose as Purpose, id, userId, until, numbered: numbered === 1 };
}

function signature(secret: string, scope: string, text: string): string {
  if (secret === '') throw new Error('the portal has no secret for links');
  return createHmac('sha256', secret).update(`${scope}|${text}`).digest('base64url');
}

/** @param origin under which the caller reaches the portal */
export function addressOf(origin: string, secret: string, pass: Pass): string {
  const method = pass.purpose === 'upload' ? 'upload' : 'download';
  return `${origin}/rest/${method}.json?token=${encodeURIComponent(sealPass(secret, pass))}`;
}

/** Those of a page are good for one to two hours, and the same for a while: so that what has been fetched by them can be kept. */
export function pageLinks(origin: string, secret: string, userId: number, now: number) {
  const until = (Math.floor(now / HOUR) + 1) * HOUR + LINK_MS.shown;
  return { of: (purpose: Exclude<Purpose, 'upload'>, id: number) => addressOf(origin, secret, { purpose, id, userId, until }) };
}
