/** Answers as XML, for addresses that end in `.xml`. */
import { Slice } from '../base/turns.ts';
import type { RestResponse } from './envelope.ts';

/** UTF-16 units of XML that are written as one piece. */
const PIECE = 64 * 1024;
/** Tokens between two looks at the clock. */
const TOKENS = 500;
/** One piece of JSON text: a string, a bracket, a comma, a colon, or a number or word. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"?|[[\]{}:,]|[^\s[\]{}:,"]+/g;
const XML_NAME = /^[A-Za-z_][\w.-]*$/;
/** XML has no way to say any other character, escaped or not. */
const UNSPEAKABLE = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu;

/**
 * Maps become elements named by their keys, lists `<item>`s, true 1, false and null nothing; the root is `<response>`.
 * Keys that cannot name an element become `<item key="…">`. Works on the JSON text, of which each piece ends between two
 * tokens, so that even the largest answer holds nobody up and is never there a second time.
 */
export async function toXml(response: RestResponse): Promise<RestResponse> {
  const writer = new XmlWriter();
  const slice = new Slice();
  for (const piece of response.body) {
    const json = typeof piece === 'string' ? piece : Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength).toString();
    let count = 0;
    for (const [token] of json.matchAll(TOKEN)) {
      writer.take(token);
      count += 1;
      if (count % TOKENS === 0 && slice.isOver()) await slice.next();
    }
  }
  return { ...response, body: writer.pieces(), type: 'xml' };
}

/** An open list or map. In a map `name` is the key that was read last. */
interface Level {
  list: boolean;
  name: string | undefined;
  /** What closes the element around it. */
  end: string;
}

class XmlWriter {
  #text = '';
  readonly #pieces: Buffer[] = [];
  readonly #levels: Level[] = [];

  pieces(): Buffer[] {
    return [...this.#pieces, Buffer.from(this.#text)];
  }

  take(token: string): void {
    if (this.#text.length > PIECE) {
      this.#pieces.push(Buffer.from(this.#text));
      this.#text = '';
    }
    const level = this.#levels.at(-1);
    if (token === '{' || token === '[') this.#open(level, token === '[');
    else if (token === '}' || token === ']') this.#text += this.#levels.pop()?.end ?? '';
    else if (token === ',' || token === ':') return;
    else if (level && !level.list && level.name === undefined) level.name = JSON.parse(token) as string;
    else this.#value(level, token);
  }

  #open(level: Level | undefined, list: boolean): void {
    const [start, end] = level ? element(level) : ['<response>', '</response>'];
    this.#text += start;
    this.#levels.push({ list, name: undefined, end });
  }

  #value(level: Level | undefined, token: string): void {
    const [start, end] = level ? element(level) : ['<response>', '</response>'];
    this.#text += `${start}${escapeXml(plain(token))}${end}`;
  }
}

/** The tags of the next value in a list or map. */
function element(level: Level): [start: string, end: string] {
  const { name } = level;
  level.name = undefined;
  if (name === undefined) return ['<item>', '</item>'];
  if (XML_NAME.test(name)) return [`<${name}>`, `</${name}>`];
  return [`<item key="${escapeXml(name)}">`, '</item>'];
}

function plain(token: string): string {
  if (token === 'true') return '1';
  if (token === 'false' || token === 'null') return '';
  return token.startsWith('"') ? (JSON.parse(token) as string) : token;
}

function escapeXml(text: string): string {
  return text.replace(UNSPEAKABLE, '\ufffd').replace(/[&<>"']/g, (char) => ENTITIES[char]!);
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' };
