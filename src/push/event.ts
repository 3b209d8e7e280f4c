/** One event of our stream, written once however many get it. */
export class PushEvent {
  readonly #name: string;
  readonly #data: string;
  #lines: Buffer | undefined;
  #frame: Buffer | undefined;

  /** @param data JSON, of one line */
  constructor(name: string, data: string) {
    this.#name = name;
    this.#data = data;
  }

  /** As a server-sent event. */
  lines(): Buffer {
    return (this.#lines ??= Buffer.from(`event: ${this.#name}\ndata: ${this.#data}\n\n`));
  }

  /** As a frame of the socket. @param token of what is seen with it; undefined where going on from it might lose something */
  frame(token: string | undefined): Buffer {
    if (token === undefined) return (this.#frame ??= this.#encode(''));
    return this.#encode(`"token":${JSON.stringify(token)},`);
  }

  #encode(token: string): Buffer {
    return Buffer.from(`{"event":"${this.#name}",${token}"data":${this.#data}}`);
  }
}
