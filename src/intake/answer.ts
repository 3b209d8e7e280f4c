/** One request to another portal, whose answer is believed in nothing: neither its size nor its kind. */
import http from 'node:http';
import https from 'node:https';

/** Bytes of one answer. */
const MOST_BYTES = 24 * 1024 * 1024;
/** For all of it, milliseconds: the original cuts a request at 60 seconds. */
const TIMEOUT_MS = 90_000;

/** The answer is larger than any may be. */
export class AnswerTooLarge extends Error {
  override name = 'AnswerTooLarge';
}

export interface RawAnswer {
  status: number;
  /** Undefined for what is no JSON. */
  body: unknown;
  /** Seconds that the portal asks to wait, 0 for not. */
  retryAfter: number;
}

/** Redirects are not followed: the address holds a secret. @throws AnswerTooLarge, or what kept the answer from coming */
export async function postJson(url: URL, params: object, stop?: AbortSignal): Promise<RawAnswer> {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  const signal = stop ? AbortSignal.any([timeout, stop]) : timeout;
  const response = await request(url, JSON.stringify(params), signal);
  const text = await textOf(response);
  return { status: response.statusCode ?? 0, body: parsed(text), retryAfter: Math.max(0, Number(response.headers['retry-after']) || 0) };
}

function request(url: URL, body: string, signal: AbortSignal): Promise<http.IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', accept: 'application/json', 'content-length': Buffer.byteLength(body), 'user-agent': 'Tidemark (import)' };
    const sent = (url.protocol === 'https:' ? https : http).request(url, { method: 'POST', headers, signal });
    sent.on('response', resolve);
    sent.on('error', reject);
    sent.end(body);
  });
}

async function textOf(response: http.IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of response as AsyncIterable<Buffer>) {
    bytes += piece.length;
    if (bytes > MOST_BYTES) {
      response.destroy();
      throw new AnswerTooLarge();
    }
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
