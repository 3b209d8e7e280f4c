/** Looks at a page of the web that somebody has named: no further than its head, and never into the network that the portal stands in. */
import http from 'node:http';
import https from 'node:https';
import { isIP } from 'node:net';
import { guardedLookup, PrivateAddress } from '../handlers/addresses.ts';
import { HeadReader, type PageHead } from './page-head.ts';

/** For everything, from the first look-up of a name to the end of the head, redirects included. */
const TIMEOUT_MS = 6000;
const MOST_REDIRECTS = 3;
/** Of a page that has no end to its head. */
const MOST_BYTES = 256 * 1024;
const LONGEST_ADDRESS = 2000;

/** Which IP addresses may be connected to. */
export type Reachable = (address: string) => boolean;

/**
 * Each redirect is judged anew, and what is connected to is what was looked at.
 *
 * @param stop gives it up at once
 * @returns undefined for what is no page
 * @throws PrivateAddress, or what keeps the connection from being made or answered in time
 */
export async function fetchPage(address: string, reachable: Reachable, stop: AbortSignal): Promise<PageHead | undefined> {
  const signal = AbortSignal.any([AbortSignal.timeout(TIMEOUT_MS), stop]);
  let url = new URL(address);
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects += 1) {
    const response = await get(url, reachable, signal);
    const next = redirectOf(response, url);
    if (!next) return readPage(response, url);
    response.destroy();
    url = next;
  }
  return undefined;
}

function get(url: URL, reachable: Reachable, signal: AbortSignal): Promise<http.IncomingMessage> {
  const bare = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(bare) !== 0 && !reachable(bare)) return Promise.reject(new PrivateAddress(`${bare} is a private address`));
  return new Promise((resolve, reject) => {
    const request = (url.protocol === 'https:' ? https : http).get(url, {
      agent: false, signal, lookup: guardedLookup(reachable),
      headers: { accept: 'text/html', 'accept-encoding': 'identity', 'user-agent': 'Tidemark (link preview)' },
    });
    request.on('response', resolve);
    request.on('error', reject);
  });
}

/** Where a response leads; undefined for one that leads nowhere, or to something else than the web. */
function redirectOf({ statusCode = 0, headers }: http.IncomingMessage, from: URL): URL | undefined {
  const { location } = headers;
  if (![301, 302, 303, 307, 308].includes(statusCode) || location === undefined || !URL.canParse(location, from.href)) return undefined;
  const to = new URL(location, from);
  return /^https?:$/.test(to.protocol) && to.username === '' && to.password === '' ? to : undefined;
}

async function readPage(response: http.IncomingMessage, url: URL): Promise<PageHead | undefined> {
  const { statusCode, headers } = response;
  const [, charset] = /^text\/html\s*(?:;.*charset="?([\w-]+))?/i.exec(headers['content-type'] ?? '') ?? [undefined, undefined];
  const isPage = statusCode === 200 && /^text\/html\b/i.test(headers['content-type'] ?? '') && (headers['content-encoding'] ?? 'identity') === 'identity';
  try {
    return isPage ? withAddress(await readHead(response, charset), url) : undefined;
  } finally {
    response.destroy();
  }
}

async function readHead(body: AsyncIterable<Buffer>, charset: string | undefined): Promise<PageHead> {
  const reader = new HeadReader();
  let decoder: TextDecoder | undefined;
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    decoder ??= decoderFor(charset ?? /<meta[^>]{0,200}charset\s*=\s*["']?([\w-]{1,40})/i.exec(chunk.toString('latin1'))?.[1]);
    if (!reader.write(decoder.decode(chunk, { stream: true })) || bytes > MOST_BYTES) break;
  }
  return reader.head();
}

function decoderFor(label = 'utf-8'): TextDecoder {
  try {
    return new TextDecoder(label);
  } catch {
    return new TextDecoder();
  }
}

/** The picture by its whole address, where it is one of the web. */
function withAddress(head: PageHead, url: URL): PageHead {
  const image = head.image !== '' && URL.canParse(head.image, url.href) ? new URL(head.image, url) : undefined;
  const usable = image !== undefined && /^https?:$/.test(image.protocol) && image.href.length <= LONGEST_ADDRESS;
  return { ...head, image: usable ? image.href : '' };
}
