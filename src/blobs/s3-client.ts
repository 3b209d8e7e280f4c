/** One signed request to an S3-compatible store, repeated where that may help: every request of ours may be made twice. */
import { AwsV4Signer } from 'aws4fetch';
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { pipeline } from 'node:stream/promises';
import { setTimeout as rest } from 'node:timers/promises';
import type { S3Address } from './s3-address.ts';
import { textOf } from './s3-xml.ts';

export interface S3Credentials {
  keyId: string;
  secret: string;
}

export interface S3Body {
  size: number;
  /** SHA-256 in lower-case hexadecimal: the store refuses what it does not get whole. */
  sha256: string;
  open(): AsyncIterable<Uint8Array>;
}

export interface S3Call {
  method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  /** Within the bucket; empty for the bucket itself. */
  key: string;
  query?: Record<string, string>;
  headers?: Record<string, string>;
  body?: S3Body;
  /** Error codes or, where the answer has no body, statuses that are an answer too. */
  expected?: readonly string[];
}

export interface S3Patience {
  /** How long nothing may come or go, milliseconds. */
  idleMs: number;
  /** Of one request, the first included. */
  tries: number;
  /** Before the second; each further pause is up to twice as long. */
  pauseMs: number;
}

const PATIENCE: S3Patience = { idleMs: 30_000, tries: 5, pauseMs: 200 };
/** SHA-256 of nothing. */
const EMPTY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
/** What is read of an answer that is no content, bytes. */
const LONGEST_ANSWER = 16 * 2 ** 20;

/** The store refused, or could not be reached. The message names what was asked of it and holds no secret. */
export class S3Error extends Error {
  override name = 'S3Error';
  readonly code: string;
  readonly passing: boolean;
  constructor(what: string, code: string, passing: boolean) {
    super(`${what}: ${code}`);
    this.code = code;
    this.passing = passing;
  }
}

export class S3Client implements Disposable {
  readonly #address: S3Address;
  readonly #credentials: S3Credentials;
  readonly #patience: S3Patience;
  readonly #agent: http.Agent;
  readonly #keys = new Map<string, ArrayBuffer>();

  constructor(address: S3Address, credentials: S3Credentials, patience = PATIENCE) {
    this.#address = address;
    this.#credentials = credentials;
    this.#patience = patience;
    this.#agent = new (address.endpoint.startsWith('https:') ? https : http).Agent({ keepAlive: true, maxFreeSockets: 16 });
  }

  /** An answer whose body is to be read, or destroyed. @throws S3Error */
  send(call: S3Call): Promise<IncomingMessage> {
    return this.#retried(() => this.#once(call));
  }

  /** The body of an answer, as text. @throws S3Error */
  text(call: S3Call): Promise<string> {
    return this.#retried(async () => {
      const response = await this.#once(call);
      return bodyOf(response).catch((fault: unknown) => {
        throw new S3Error(this.#named(call), (fault as Error).message, true);
      });
    });
  }

  async #retried<T>(work: () => Promise<T>): Promise<T> {
    const { tries, pauseMs } = this.#patience;
    for (let tried = 1; ; tried += 1) {
      try {
        return await work();
      } catch (fault) {
        if (!(fault instanceof S3Error) || !fault.passing || tried === tries) throw fault;
      }
      await rest(Math.random() * pauseMs * 2 ** tried);
    }
  }

  async #once(call: S3Call): Promise<IncomingMessage> {
    const what = this.#named(call);
    const response = await this.#exchange(call).catch((fault: NodeJS.ErrnoException) => {
      throw new S3Error(what, fault.code ?? fault.message, true);
    });
    const status = response.statusCode!;
    if (status < 300) return response;
    const text = await bodyOf(response).catch(() => '');
    const code = textOf(text, 'Error', 'Code') ?? String(status);
    if (call.expected?.includes(code)) return response;
    throw new S3Error(what, code === String(status) ? code : `${status} ${code} ${textOf(text, 'Error', 'Message') ?? ''}`, status >= 500 || status === 429);
  }

  #named({ method, key }: S3Call): string {
    return `${method} ${this.#address.endpoint}/${this.#address.bucket}/${key}`;
  }

  async #exchange(call: S3Call): Promise<IncomingMessage> {
    const { url, headers } = await this.#signed(call);
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const request = (url.protocol === 'https:' ? https : http).request(url, {
      method: call.method, agent: this.#agent, headers: { ...Object.fromEntries(headers), 'content-length': call.body?.size ?? 0 },
    });
    request.setTimeout(this.#patience.idleMs, () => request.destroy(new Error(`silent for ${this.#patience.idleMs} ms`)));
    request.on('response', (response) => {
      // Whoever reads it is told; whoever never does must not end the process.
      response.on('error', () => {});
      // What was refused before all of it was sent is not sent on.
      if (!request.writableFinished) response.on('close', () => request.destroy());
      resolve(response);
    });
    request.on('error', reject);
    if (call.body && call.body.size > 0) pipeline(call.body.open(), request).catch(reject);
    else request.end();
    return promise;
  }

  #signed({ method, key, query = {}, headers = {}, body }: S3Call): ReturnType<AwsV4Signer['sign']> {
    const { endpoint, region, bucket } = this.#address;
    const { keyId, secret } = this.#credentials;
    const url = new URL(`${endpoint}/${bucket}/${key}`);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    return new AwsV4Signer({
      method, url: url.href, headers: { ...headers, 'x-amz-content-sha256': body?.sha256 ?? EMPTY }, service: 's3', region,
      accessKeyId: keyId, secretAccessKey: secret, cache: this.#keys,
    }).sign();
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }
}

async function bodyOf(response: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of response as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size > LONGEST_ANSWER) throw new Error('an answer without end');
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString();
}
