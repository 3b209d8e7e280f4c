/** The bytes of a request's head, by which another one is known that differs in its body alone. */
import type { IncomingMessage } from 'node:http';

/** Bytes of a head that is known again. */
const LONGEST = 4096;

/** The head, but for the digits of the length of the body. */
export interface KnownHead {
  before: Buffer;
  /** What follows the digits; undefined for a request without a body. */
  after: Buffer | undefined;
}

/** The request's head, where the packet is the request from its first byte to its last, as one would write it who has read it. */
export function headOf(packet: Buffer, request: IncomingMessage): KnownHead | undefined {
  const { method, url, httpVersion, rawHeaders, headers } = request;
  if (httpVersion !== '1.1' || 'transfer-encoding' in headers || 'expect' in headers || 'upgrade' in headers) return undefined;
  const length = headers['content-length'];
  let head = `${method} ${url} HTTP/1.1\r\n`;
  let digits = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    head += `${rawHeaders[i]}: `;
    if (length !== undefined && rawHeaders[i]!.toLowerCase() === 'content-length') digits = head.length;
    head += `${rawHeaders[i + 1]}\r\n`;
  }
  head += '\r\n';
  if (head.length > LONGEST || head.length + Number(length ?? 0) !== packet.length || packet.toString('latin1', 0, head.length) !== head) return undefined;
  if (length === undefined) return { before: Buffer.from(head, 'latin1'), after: undefined };
  return { before: Buffer.from(head.slice(0, digits), 'latin1'), after: Buffer.from(head.slice(digits + length.length), 'latin1') };
}

const NO_BODY = Buffer.alloc(0);
const [ZERO, NINE] = [0x30, 0x39];

/** The body of the packet, where that is a request with this head, from its first byte to its last. */
export function bodyAfter({ before, after }: KnownHead, packet: Buffer): Buffer | undefined {
  if (!after) return packet.equals(before) ? NO_BODY : undefined;
  if (!stands(before, packet, 0) || packet[before.length] === ZERO) return undefined;
  let [at, length] = [before.length, 0];
  for (; packet[at]! >= ZERO && packet[at]! <= NINE; at += 1) length = length * 10 + packet[at]! - ZERO;
  const start = at + after.length;
  return at > before.length && start + length === packet.length && stands(after, packet, at) ? packet.subarray(start) : undefined;
}

function stands(part: Buffer, packet: Buffer, at: number): boolean {
  return packet.length >= at + part.length && part.compare(packet, at, at + part.length) === 0;
}
