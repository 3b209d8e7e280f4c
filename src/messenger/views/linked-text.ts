/** The text of a message with its codes, completed for who shows it: names where mentions have none, links where addresses were only written. */
import { type BbCode, findBbCodes } from './bb-codes.ts';
import { quotedName } from './markup.ts';
import { AFTER_LINK } from './links.ts';

const ADDRESS = /\bhttps?:\/\/[^\s<>"[\]]+/gi;
/** Within these there are no links, or only those that they are. */
const CLOSED = new Set(['url', 'img', 'send', 'put']);

/** Mentions that carry no text get the name that the user has now; those of nobody who is known stay as they are. */
export function filledMentions(text: string, userName: (id: number) => string | undefined): string {
  return text.replace(/\[user=(\d{1,10})\]\[\/user\]/gi, (mention, id: string) => {
    const name = userName(Number(id));
    return name === undefined ? mention : `[USER=${id} REPLACE]${quotedName(name)}[/USER]`;
  });
}

/** Puts every address that stands by itself into `[URL]`; what is between `[code]` and `[/code]` stays. Time is linear in the length of the text. */
export function linkedText(text: string): string {
  let linked = '';
  let at = 0;
  let depth = 0;
  for (const code of findBbCodes(text)) {
    const between = text.slice(at, code.start);
    linked += (depth === 0 ? withLinks(between) : between) + text.slice(code.start, code.end);
    at = code.end;
    depth += step(code);
  }
  return linked + (depth === 0 ? withLinks(text.slice(at)) : text.slice(at));
}

function step({ name, role, partner }: BbCode): number {
  if (!partner || !CLOSED.has(name)) return 0;
  return role === 'open' ? 1 : -1;
}

function withLinks(text: string): string {
  return text.replace(ADDRESS, (match) => {
    const end = match.search(AFTER_LINK);
    const address = end < 0 || isBalanced(match, end) ? match : match.slice(0, end);
    return `[URL]${address}[/URL]${match.slice(address.length)}`;
  });
}

/** A bracket at the end belongs to an address in which it was opened. */
function isBalanced(match: string, end: number): boolean {
  return match.slice(end) === ')' && match.slice(0, end).includes('(');
}
