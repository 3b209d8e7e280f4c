import { once } from 'node:events';
import http, { type RequestListener, type Server } from 'node:http';
import https from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { lingerAfter } from './lingering.ts';
import { writeResponse } from './rest/http.ts';
import { errorResponse } from './rest/envelope.ts';
import { systemErrors } from './rest/system-errors.ts';
import { HEAD_LIMIT, type ParserFault, readAgainOrRefuse, serverOf } from './unreadable.ts';

/** An address cannot be listened on; the message is for the person who started the server. */
export class ListenError extends Error {
  override name = 'ListenError';
}

const KEEP_ALIVE_MS = 65_000;
/** How long a request may take to arrive: its head, and all of it. */
export interface Patience {
  headersTimeout: number;
  requestTimeout: number;
  connectionsCheckingInterval: number;
}
const PATIENCE: Patience = { headersTimeout: 20_000, requestTimeout: 60_000, connectionsCheckingInterval: 5000 };
/** How long calls in flight may take to finish once the server stops. */
const FINISH_MS = 15_000;
const SWEEP_MS = 50;

/** The HTTP and HTTPS listeners. They take their ports before anything is created, and answer 503 until they serve. */
export class Listeners {
  readonly http: http.Server;
  readonly https: https.Server;
  #handle: RequestListener = (_request, response) => writeResponse(response, errorResponse(systemErrors.starting));

  constructor(patience = PATIENCE) {
    const handle: RequestListener = (request, response) => {
      lingerAfter(request, response);
      this.#handle(request, response);
    };
    const options = { keepAliveTimeout: KEEP_ALIVE_MS, maxHeaderSize: HEAD_LIMIT, ...patience };
    this.http = http.createServer(options, handle);
    this.https = https.createServer(options, handle);
    for (const server of [this.http, this.https]) {
      const reading = { serve: serverOf(server, server === this.http ? 'connection' : 'secureConnection'), refuse, patience: patience.headersTimeout };
      server.on('clientError', (fault: ParserFault, socket) => readAgainOrRefuse(fault, socket as Socket, reading));
    }
  }

  /** @throws ListenError naming the address and why; nothing listens then */
  async open(host: string, port: number, tlsPort: number): Promise<void> {
    try {
      await listen(this.http, host, port, '--port');
      await listen(this.https, host, tlsPort, '--tls-port');
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  serve(handler: RequestListener, certificate: { key: string; cert: string }): void {
    this.https.setSecureContext(certificate);
    this.#handle = handler;
  }

  origins(host: string): { http: string; https: string } {
    const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host;
    return { http: `http://${name}:${portOf(this.http)}`, https: `https://${name}:${portOf(this.https)}` };
  }

  /** Takes no new connections, lets the calls in flight finish. */
  async close(): Promise<void> {
    await Promise.all([this.http, this.https].map(closeServer));
  }
}

/** Answers what is not HTTP, or comes too slowly, in JSON like everything else. */
function refuse(fault: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable || fault.code === 'ECONNRESET') return void socket.destroy();
  const [status, text] = REFUSALS[fault.code ?? ''] ?? [400, 'The request is not valid HTTP'];
  const body = JSON.stringify({ error: 'INVALID_REQUEST', error_description: text });
  const head = [
    `HTTP/1.1 ${status} ${http.STATUS_CODES[status]}`, 'content-type: application/json; charset=utf-8', 'access-control-allow-origin: *',
    `content-length: ${Buffer.byteLength(body)}`, 'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

const REFUSALS: Readonly<Record<string, readonly [status: number, text: string]>> = {
  HPE_INVALID_URL: [400, 'The address holds bytes that must be percent-encoded'],
  HPE_HEADER_OVERFLOW: [431, 'The head of the request is too large'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'The request took too long to arrive'],
};

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

async function listen(server: Server, host: string, port: number, flag: string): Promise<void> {
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === 'EADDRINUSE' ? 'it is in use by another process' : message;
    throw new ListenError(`${flag}: cannot listen on ${host} port ${port}: ${why}`);
  }
}

async function closeServer(server: http.Server | https.Server): Promise<void> {
  if (!server.listening) return;
  const closed = new Promise((resolve) => server.close(resolve));
  // Connections become idle one by one as their calls are answered; whoever never finishes is cut off.
  const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
  const deadline = setTimeout(() => server.closeAllConnections(), FINISH_MS);
  server.closeIdleConnections();
  await closed;
  clearInterval(sweep);
  clearTimeout(deadline);
}
