/** One POST to a handler. */
import http from 'node:http';
import https from 'node:https';
import { handlerLookup, isPrivateHost, PrivateAddress } from './addresses.ts';

/** For everything, from the look-up of the name to the head of the answer. */
export const TIMEOUT_MS = 10_000;

/** Nested values as PHP's http_build_query writes them: brackets, 1 and 0 for booleans, null and empty lists left out. */
export function encodeForm(values: Record<string, unknown>): string {
  const pairs: string[] = [];
  const add = (name: string, value: unknown): void => {
    if (value === null || value === undefined) return;
    if (typeof value !== 'object') {
      const text = typeof value === 'boolean' ? (value ? '1' : '0') : String(value as string | number);
      pairs.push(`${encodeURIComponent(name)}=${encodeURIComponent(text)}`);
      return;
    }
    for (const [key, item] of Object.entries(value)) add(`${name}[${key}]`, item);
  };
  for (const [name, value] of Object.entries(values)) add(name, value);
  return pairs.join('&');
}

/**
 * Posts a form. Redirects are not followed, the answer's body is not read.
 *
 * @param anywhere also to private addresses
 * @param stop gives the request up at once
 * @returns the HTTP status
 * @throws PrivateAddress, or what keeps the connection from being made or answered in time
 */
export function postForm(url: string, body: string, anywhere: boolean, stop?: AbortSignal): Promise<number> {
  const target = new URL(url);
  if (!anywhere && isPrivateHost(target.hostname)) return Promise.reject(new PrivateAddress(`${target.hostname} is a private address`));
  return new Promise((resolve, reject) => {
    const request = (target.protocol === 'https:' ? https : http).request(target, {
      method: 'POST',
      agent: false,
      signal: AbortSignal.any([AbortSignal.timeout(TIMEOUT_MS), ...(stop ? [stop] : [])]),
      headers: {
        'content-type': 'application/x-www-form-urlencoded', 'content-length': Buffer.byteLength(body), 'user-agent': 'Tidemark',
      },
      lookup: handlerLookup(anywhere),
    });
    request.on('response', (response) => {
      response.destroy();
      resolve(response.statusCode ?? 0);
    });
    request.on('error', reject);
    request.end(body);
  });
}
