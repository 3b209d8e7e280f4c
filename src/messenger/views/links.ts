/** Links in the text of messages. */

const LONGEST_LINK = 2000;
const LINK = new RegExp(`https?://[^\\s[\\]<>"'\`\\p{Cc}]{1,${LONGEST_LINK}}`, 'giu');
/** What ends a sentence is seldom part of its link. Each run of it is looked at once. */
export const AFTER_LINK = /(?<![.,;:!?'»)}…])[.,;:!?'»)}…]+$/;

/** Whether it is worth looking for a link. */
export function mayHaveLink(text: string): boolean {
  return text.includes('://');
}

/** The first link of a text that leads to a page of the web, without what is said after `#`; undefined for none. What is in `[code]` is no link. */
export function firstLink(text: string): string | undefined {
  for (const [found] of outsideOfCode(text).matchAll(LINK)) {
    const link = pageLink(found.replace(AFTER_LINK, ''));
    if (link !== undefined) return link;
  }
  return undefined;
}

/** The address of a page, in its normal form; undefined for one that has a password in it, or is none. */
function pageLink(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  url.hash = '';
  return url.username === '' && url.password === '' && url.href.length <= LONGEST_LINK ? url.href : undefined;
}

function outsideOfCode(text: string): string {
  const [open, close] = [/\[code\]/gi, /\[\/code\]/gi];
  let outside = '';
  for (let at = 0; ; at = close.lastIndex) {
    open.lastIndex = at;
    const begin = open.exec(text)?.index;
    close.lastIndex = open.lastIndex;
    if (begin === undefined || !close.test(text)) return outside + text.slice(at);
    outside += `${text.slice(at, begin)} `;
  }
}
