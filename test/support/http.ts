/** Requests as bytes: for what a well-behaved client never sends. Redirects are not followed. */
import { once } from 'node:events';
import http, { type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import https from 'node:https';
import { connect } from 'node:net';
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';

export interface Reply {
  status: number;
  headers: IncomingHttpHeaders;
  /** The body as it came over the wire. */
  bytes: Buffer;
  text: string;
  /** The body as JSON; throws when it is not. */
  body: Record<string, unknown>;
}

export interface Sending {
  method?: string;
  headers?: Record<string, string>;
  body?: string | Uint8Array;
  /** Certificate to trust, PEM. */
  ca?: string;
}

const agents = { 'http:': new http.Agent({ keepAlive: true }), 'https:': new https.Agent({ keepAlive: true }) };

/** Sends exactly the given headers: there is no Content-Type unless it is among them. POST when there is a body. */
export async function send(url: string, sending: Sending = {}): Promise<Reply> {
  const { body, headers = {}, ca } = sending;
  const method = sending.method ?? (body === undefined ? 'GET' : 'POST');
  const { protocol } = new URL(url);
  const options = { method, headers: { ...headers, ...(body !== undefined && { 'content-length': Buffer.byteLength(body) }) } };
  const request =
    protocol === 'https:'
      ? https.request(url, { ...options, agent: agents['https:'], ...(ca !== undefined && { ca }) })
      : http.request(url, { ...options, agent: agents['http:'] });
  request.end(body);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return replyOf(response.statusCode ?? 0, response.headers, await bytesOf(response));
}

function bytesOf(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  return new Promise((resolve, reject) => {
    response.on('data', (chunk: Buffer) => chunks.push(chunk)).once('end', () => resolve(Buffer.concat(chunks))).once('error', reject);
  });
}

/** Unpacks when somebody looks: whoever measures the server does not measure the client beside it. */
function replyOf(status: number, headers: IncomingHttpHeaders, bytes: Buffer): Reply {
  let unpackedText: string | undefined;
  return {
    status,
    headers,
    bytes,
    get text() {
      return (unpackedText ??= unpacked(bytes, headers['content-encoding']).toString());
    },
    get body() {
      return JSON.parse(this.text) as Record<string, unknown>;
    },
  };
}

const UNPACK: Readonly<Record<string, (bytes: Buffer) => Buffer>> = { gzip: gunzipSync, br: brotliDecompressSync, zstd: zstdDecompressSync };

function unpacked(bytes: Buffer, coding: string | undefined): Buffer {
  return coding === undefined || bytes.length === 0 ? bytes : UNPACK[coding]!(bytes);
}

/** Sends the bytes over a connection of their own and reads one answer, which must say how long it is. */
export async function sendRaw(origin: string, bytes: string | Uint8Array): Promise<Reply> {
  const { hostname, port } = new URL(origin);
  const socket = connect(Number(port), hostname);
  try {
    socket.write(bytes);
    let received = Buffer.alloc(0);
    for await (const chunk of socket) {
      received = Buffer.concat([received, chunk as Buffer]);
      const reply = parseReply(received);
      if (reply) return reply;
    }
    throw new Error(`the connection ended after ${received.toString()}`);
  } finally {
    socket.destroy();
  }
}

function parseReply(received: Buffer): Reply | undefined {
  const headEnd = received.indexOf('\r\n\r\n');
  if (headEnd < 0) return undefined;
  const [statusLine = '', ...lines] = received.subarray(0, headEnd).toString().split('\r\n');
  const headers = Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]));
  const body = received.subarray(headEnd + 4);
  if (body.length < Number(headers['content-length'] ?? 0)) return undefined;
  return replyOf(Number(statusLine.split(' ')[1]), headers, body);
}
