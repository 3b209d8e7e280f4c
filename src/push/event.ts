/** One event of our stream, written once however many get it. */

/** First byte of a frame of text that is whole. */
const WHOLE_TEXT = 0x81;
/** Beyond these the length of a frame takes two bytes more, or eight. */
const [SHORT, LONG] = [125, 65_535];

export class PushEvent {
  readonly #name: string;
  readonly #data: string;
  /** What was sent last that ended with this event: most get the same. */
  readonly #sent: { lines?: Sent; frames?: Sent } = {};
  #lines: Buffer | undefined;
  #frame: Buffer | undefined;

  /** @param data JSON, of one line */
  constructor(name: string, data: string) {
    this.#name = name;
    this.#data = data;
  }

  /** As server-sent events, one after the other. @param token where the last of them may be gone on from */
  static lines(events: readonly PushEvent[], token: string | undefined): Buffer {
    const last = events.at(-1)!;
    return together('lines', last.#sent, events, token, (event, id) => (id === undefined ? event.#line() : Buffer.concat([Buffer.from(`id: ${id}\n`), event.#line()])));
  }

  /** The same as frames of a socket. */
  static frames(events: readonly PushEvent[], token: string | undefined): Buffer {
    const last = events.at(-1)!;
    return together('frames', last.#sent, events, token, (event, id) => (id === undefined ? (event.#frame ??= event.#framed('')) : event.#framed(`"token":${JSON.stringify(id)},`)));
  }

  #line(): Buffer {
    return (this.#lines ??= Buffer.from(`event: ${this.#name}\ndata: ${this.#data}\n\n`));
  }

  #framed(token: string): Buffer {
    return frameOf(`{"event":"${this.#name}",${token}"data":${this.#data}}`);
  }
}

interface Sent {
  events: readonly PushEvent[];
  token: string | undefined;
  bytes: Buffer;
}

function together(
  form: 'lines' | 'frames', sent: { lines?: Sent; frames?: Sent }, events: readonly PushEvent[], token: string | undefined, encode: (event: PushEvent, token: string | undefined) => Buffer,
): Buffer {
  const known = sent[form];
  if (known && known.token === token && known.events.length === events.length && known.events.every((event, at) => event === events[at])) return known.bytes;
  const parts = events.map((event, at) => encode(event, at === events.length - 1 ? token : undefined));
  const bytes = parts.length === 1 ? parts[0]! : Buffer.concat(parts);
  sent[form] = { events, token, bytes };
  return bytes;
}

/** As a server sends it: without a mask, uncompressed. */
function frameOf(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const head = length <= SHORT ? 2 : length <= LONG ? 4 : 10;
  const frame = Buffer.allocUnsafe(head + length);
  frame[0] = WHOLE_TEXT;
  if (head === 2) frame[1] = length;
  else if (head === 4) {
    frame[1] = SHORT + 1;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = SHORT + 2;
    frame.writeBigUInt64BE(BigInt(length), 2);
  }
  frame.write(text, head);
  return frame;
}
