/** What a page of the web says of itself in its head. */
import { Parser } from 'htmlparser2';

export interface PageHead {
  title: string;
  description: string;
  /** Address of a picture, as the page gives it; empty for none. */
  image: string;
}

const LONGEST_TITLE = 200;
const LONGEST_DESCRIPTION = 500;

/** Names of `meta`, the best first. */
const TITLES = ['og:title', 'twitter:title'];
const DESCRIPTIONS = ['og:description', 'twitter:description', 'description'];
const IMAGES = ['og:image:secure_url', 'og:image', 'og:image:url', 'twitter:image'];
const KNOWN: ReadonlySet<string> = new Set([...TITLES, ...DESCRIPTIONS, ...IMAGES]);

/** Reads a page as it arrives, to the end of its head. */
export class HeadReader {
  /** The first of each name. */
  readonly #metas = new Map<string, string>();
  readonly #parser: Parser;
  #title = '';
  #inTitle = false;
  #over = false;

  constructor() {
    this.#parser = new Parser({
      onopentag: (name, attributes) => this.#open(name, attributes),
      ontext: (text) => {
        if (this.#inTitle && this.#title.length < LONGEST_TITLE * 2) this.#title += text;
      },
      onclosetag: (name) => {
        if (name === 'title') this.#inTitle = false;
        if (name === 'head') this.#over = true;
      },
    }, { decodeEntities: true });
  }

  /** @returns whether more may be of interest */
  write(text: string): boolean {
    if (!this.#over) this.#parser.write(text);
    return !this.#over;
  }

  /** What was found so far. */
  head(): PageHead {
    return {
      title: clean(this.#first(TITLES) || this.#title, LONGEST_TITLE),
      description: clean(this.#first(DESCRIPTIONS), LONGEST_DESCRIPTION),
      image: this.#first(IMAGES),
    };
  }

  #open(name: string, { name: by = '', property = by, content = '' }: Record<string, string>): void {
    if (name === 'body') this.#over = true;
    if (name === 'title' && this.#title === '') this.#inTitle = true;
    const key = property.toLowerCase();
    if (name === 'meta' && KNOWN.has(key) && !this.#metas.has(key)) this.#metas.set(key, content);
  }

  #first(names: readonly string[]): string {
    return names.map((name) => this.#metas.get(name)?.trim() ?? '').find((value) => value !== '') ?? '';
  }
}

/** In one line, no longer than so many characters. */
function clean(text: string, longest: number): string {
  const line = text.toWellFormed().replace(/[\s\p{Cc}]+/gu, ' ').trim();
  return line.length <= longest ? line : `${line.slice(0, longest - 1).toWellFormed().trimEnd()}…`;
}
