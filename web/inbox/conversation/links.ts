/** Addresses that a text may lead to. */

/** Control characters are dropped by browsers, and so may hide what an address begins with. */
// oxlint-disable-next-line no-control-regex
const HIDDEN = /[\u0000-\u0020\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/;
const ALLOWED = /^(?:https?:\/\/[^/\\]|mailto:[^/\\]|tel:[^/\\]|\/(?![/\\]))/i;

const LONGEST = 4000;

/** The address if it is one that may be led to; undefined for `javascript:`, `//host` and whatever else. */
export function linkTarget(given: string): string | undefined {
  const address = given.trim();
  if (address.length > LONGEST || HIDDEN.test(address)) return undefined;
  if (/^www\.[^/]/i.test(address)) return `https://${address}`;
  return ALLOWED.test(address) && !address.includes('\\') ? address : undefined;
}

export interface LinkPart {
  text: string;
  href: string | undefined;
}

const BARE = /\bhttps?:\/\/[^\s<>"[\]]+/gi;

/** A text in parts, those that are addresses with where they lead. */
export function splitLinks(text: string): LinkPart[] {
  if (!text.includes('://')) return [{ text, href: undefined }];
  const parts: LinkPart[] = [];
  let at = 0;
  for (const found of text.matchAll(BARE)) {
    const address = withoutTail(found[0]);
    const href = linkTarget(address);
    if (href === undefined) continue;
    if (found.index > at) parts.push({ text: text.slice(at, found.index), href: undefined });
    parts.push({ text: address, href });
    at = found.index + address.length;
  }
  if (at < text.length) parts.push({ text: text.slice(at), href: undefined });
  return parts;
}

/** What ends a sentence is not the end of an address; a bracket is when it was opened in it. */
function withoutTail(address: string): string {
  const opened = address.includes('(');
  let end = address.length;
  while (end > 0) {
    const last = address[end - 1]!;
    if (!'.,;:!?\'")*'.includes(last)) break;
    if (last === ')' && opened) break;
    end--;
  }
  return address.slice(0, end);
}

/** Whether the words of a link claim to be another address than the one it leads to. */
export function isMisleading(label: string, href: string): boolean {
  const claimed = /^(?:https?:\/\/)?([\w-]+(?:\.[\w-]+)+)/i.exec(label.trim());
  if (!claimed || !/^https?:/i.test(href)) return false;
  return hostOf(`https://${claimed[1]}`) !== hostOf(href);
}

function hostOf(address: string): string {
  return URL.parse(address)?.hostname.replace(/^www\./, '') ?? '';
}
