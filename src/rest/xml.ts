/** Answers as XML, for addresses that end in `.xml`. */
import type { RestResponse } from './envelope.ts';

/** Characters of JSON that are turned in one go; between two of them other calls run. */
const PIECE = 64 * 1024;
/** One piece of JSON text: a string, a bracket, a comma, a colon, or a number or word. */
const TOKEN = /"(?:[^"\\]|\\.)*"|[[\]{}:,]|[^\s[\]{}:,"]+/g;
const XML_NAME = /^[A-Za-z_][\w.-]*$/;
/** XML has no way to say any other character, escaped or not. */
const UNSPEAKABLE = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu;

/**
 * Maps become elements named by their keys, lists `<item>`s, true 1, false and null nothing; the root is `<response>`.
 * Keys that cannot name an element become `<item key="…">`. Works on the JSON text, so that even the largest answer
 * holds nobody up.
 */
export async function toXml(response: RestResponse): Promise<RestResponse> {
  const json = Buffer.concat(response.body.map((piece) => (typeof piece === 'string' ? Buffer.from(piece) : piece))).toString();
  const writer = new XmlWriter();
  let since = 0;
  for (const { 0: token, index } of json.matchAll(TOKEN)) {
    writer.take(token);
    if (index - since < PIECE) continue;
    since = index;
    await new Promise((resolve) => setImmediate(resolve));
  }
  return { ...response, body: [writer.text], type: 'xml' };
}

/** An open list or map. In a map `name` is the key that was read last. */
interface Level {
  list: boolean;
  name: string | undefined;
  /** What closes the element around it. */
  end: string;
}

class XmlWriter {
  text = '';
  readonly #levels: Level[] = [];

  take(token: string): void {
    const level = this.#levels.at(-1);
    if (token === '{' || token === '[') this.#open(level, token === '[');
    else if (token === '}' || token === ']') this.text += this.#levels.pop()?.end ?? '';
    else if (token === ',' || token === ':') return;
    else if (level && !level.list && level.name === undefined) level.name = JSON.parse(token) as string;
    else this.#value(level, token);
  }

  #open(level: Level | undefined, list: boolean): void {
    const [start, end] = level ? element(level) : ['<response>', '</response>'];
    this.text += start;
    this.#levels.push({ list, name: undefined, end });
  }

  #value(level: Level | undefined, token: string): void {
    const [start, end] = level ? element(level) : ['<response>', '</response>'];
    this.text += `${start}${escapeXml(plain(token))}${end}`;
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
