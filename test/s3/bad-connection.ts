/** A connection to a store that fails in ways that a test chooses, request by request. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';

/** `busy` answers 503 at once; `lost` forwards the request and cuts the connection before the answer; `cut` in the middle of the answer's body. */
export type Fault = 'none' | 'busy' | 'lost' | 'cut' | 'silent';

export class BadConnection implements AsyncDisposable {
  /** Of the coming requests; none of what comes after. */
  faults: Fault[] = [];
  /** Of everything from now on, where it is set. */
  always: Fault | undefined;
  /** Method and path of what has come. */
  readonly seen: string[] = [];
  readonly #target: URL;
  readonly #server: http.Server;

  private constructor(target: string) {
    this.#target = new URL(target);
    this.#server = http.createServer((request, response) => this.#pass(request, response));
  }

  static async open(target: string): Promise<BadConnection> {
    const connection = new BadConnection(target);
    await once(connection.#server.listen(0, '127.0.0.1'), 'listening');
    return connection;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  #pass(request: http.IncomingMessage, response: http.ServerResponse): void {
    const fault = this.always ?? this.faults.shift() ?? 'none';
    this.seen.push(`${request.method} ${request.url}`);
    if (fault === 'silent') return void request.resume();
    if (fault === 'busy') {
      request.resume();
      response.writeHead(503, { 'content-type': 'application/xml' }).end('<Error><Code>SlowDown</Code><Message>later</Message></Error>');
      return;
    }
    const { hostname, port } = this.#target;
    // The request goes on as it came, with the name it was signed for.
    const onward = http.request({ hostname, port, method: request.method, path: request.url, headers: request.headers, agent: false });
    onward.on('response', (answer) => {
      if (fault === 'lost') {
        answer.resume().on('end', () => request.socket.destroy());
        return;
      }
      response.writeHead(answer.statusCode!, answer.headers);
      answer.on('data', (data: Buffer) => {
        if (fault !== 'cut') return void response.write(data);
        response.write(data.subarray(0, Math.ceil(data.length / 2)), () => request.socket.destroy());
      });
      answer.on('end', () => response.end());
    });
    onward.on('error', () => request.socket.destroy());
    request.pipe(onward);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
