/** Requests as a client has sent them, byte for byte, with this server's own values put in. */
import { type Reply, sendRaw } from './http.ts';

/**
 * Sends a request whose head is indented text, and gives it the body's length where the client has its own.
 *
 * @param words what stands in the recording, and what takes its place; `HOST` is known
 */
export function replay(origin: string, words: Record<string, string>, head: string, body = ''): Promise<Reply> {
  const replaced = Object.entries({ ...words, HOST: new URL(origin).host });
  const fill = (text: string) => replaced.reduce((filled, [word, value]) => filled.replaceAll(word, value), text);
  const [filledBody, lines] = [fill(body), fill(head).trim().split('\n').map((line) => line.trim())];
  const length = body === '' ? [] : [`Content-Length: ${Buffer.byteLength(filledBody)}`];
  return sendRaw(origin, `${[...lines, ...length].join('\r\n')}\r\n\r\n${filledBody}`);
}
