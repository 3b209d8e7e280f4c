import { findBbCodes, withoutEffect, ZERO_WIDTH_SPACE } from './bb-codes.ts';
import type { BbCode } from './bb-codes.ts';

/** What the list shows for a message that has nothing else to show, and what a deleted message keeps as its text. */
export const DELETED_MESSAGE_TEXT = 'This message has been deleted.';

/** Longest text kept whole, in UTF-16 units: a cut one with its mark fits in the same space. */
const MAX_STORED = 20_006;
const CUT_AT = 20_000;
const CUT_MARK = ' (...)';

const MAX_MENTIONS = 100;
const MAX_USER_ID = 2_147_483_647;

/** A quoted message is framed by two lines of at least this many hyphens. */
const QUOTE_FRAME = '-'.repeat(54);

export interface PlainTextOptions {
  /** Whether the message has an attachment; a string is the attachment's own description. */
  attach: boolean | string;
  /** Whether files are attached; several files still read as one mark. */
  file: boolean;
  sticker?: boolean;
  /** Current full name of a user, for mentions that carry no text of their own. */
  userName: (id: number) => string | undefined;
}

/**
 * Text of the last message as the list shows it: one line, no BB codes, never empty, neither cut nor HTML-escaped.
 *
 * The promise of no BB codes and no line breaks is that of im.recent.get; the marks ` [Attachment]`, ` [File]`,
 * ` [Quote] `, ` [Rating] ` and the sentence for an empty text are observed behaviour. Runs of spaces stay.
 * A blank description reads as an attachment without one. Time is linear in the length of the text. Never throws.
 */
export function plainText(text: string, opts: PlainTextOptions): string {
  let plain = readable(text, opts.userName) + attachMark(opts);
  plain = plain.trim();
  if (opts.file) plain += ' [File]';
  if (opts.sticker) plain += ' [Sticker]';
  return plain.trim() || DELETED_MESSAGE_TEXT;
}

/**
 * Text of a message as it is saved: `[br]` and `#BR#` become line breaks, blanks around it go, and a text of more than
 * 20 006 UTF-16 units is cut to 20 000 (one less when a surrogate pair is in the way) and marked ` (...)`. Saving a
 * saved text changes nothing. Observed behaviour of im.message.add.
 */
export function storedText(raw: string): string {
  // PostgreSQL has no way to store NUL in a text column.
  const text = raw.replaceAll('\0', '').replace(/\[[Bb][Rr]\]|#BR#/g, '\n').trim();
  if (text.length <= MAX_STORED) return text;
  const splitsPair = /[\uD800-\uDBFF]/.test(text.charAt(CUT_AT - 1));
  return text.slice(0, splitsPair ? CUT_AT - 1 : CUT_AT) + CUT_MARK;
}

/**
 * Distinct ids in the `[user=N]` codes of a text, in order, at most 100: the names `plainText` may ask for. Ids no
 * 32-bit column can hold are left out, so they are safe to query with.
 */
export function mentionedUserIds(text: string): number[] {
  const ids = new Set<number>();
  for (const code of findBbCodes(oneLine(text))) {
    const id = code.partner && code.role === 'open' ? mentionedId(code) : undefined;
    if (id !== undefined) ids.add(id);
    if (ids.size === MAX_MENTIONS) break;
  }
  return [...ids];
}

function attachMark({ attach, userName }: PlainTextOptions): string {
  if (attach === false) return '';
  const description = attach === true ? '' : readable(attach, userName).trim();
  return ` ${description || '[Attachment]'}`;
}

function readable(text: string, userName: PlainTextOptions['userName']): string {
  return foldQuotes(withoutBbCodes(oneLine(text), userName));
}

/** Somebody's name or a chat's title within a text with codes: it reads as it was written, and is no part of the markup. */
export function quotedName(name: string): string {
  return oneLine(withoutEffect(name).replace(/#(?=br#)/gi, `$&${ZERO_WIDTH_SPACE}`)).replace(/-{53}(?=-)/g, `$&${ZERO_WIDTH_SPACE}`);
}

function oneLine(text: string): string {
  return text.replace(/\r\n|[\n\v\f\r\u0085\u2028\u2029]|\[br\]|#BR#/gi, ' ');
}

/** Replaces each quoted message, from its first frame line to its second, with a mark. */
function foldQuotes(text: string): string {
  if (!text.includes(QUOTE_FRAME)) return text;
  const frames = [...text.matchAll(/-+/g)].filter(([run]) => run.length >= QUOTE_FRAME.length);
  let folded = '';
  let at = 0;
  for (let pair = 0; pair + 1 < frames.length; pair += 2) {
    const [first, second] = [frames[pair], frames[pair + 1]];
    if (!first || !second) break;
    folded += `${text.slice(at, first.index)} [Quote] `;
    at = second.index + second[0].length;
  }
  return folded + text.slice(at);
}

/** Text on its way out, with what the codes met so far have switched on. */
class Output {
  text = '';
  /** Depth of struck-through text, which is left out. */
  struck = 0;
  /** Depth of lists, outside of which `[*]` is not a code. */
  lists = 0;
  /** Changes whenever something visible is written. */
  ink = 0;
  /** Whether a word written next stands apart from what is written already. */
  apart = true;
  /** Value of `ink` when a mention opened. */
  readonly mentions = new Map<BbCode, number>();

  write(chunk: string): void {
    if (this.struck > 0 || chunk === '') return;
    this.text += chunk;
    this.apart = chunk.endsWith(' ');
    if (chunk.trim() !== '') this.ink++;
  }
}

function withoutBbCodes(text: string, userName: PlainTextOptions['userName']): string {
  const out = new Output();
  let at = 0;
  for (const code of findBbCodes(text)) {
    out.write(text.slice(at, code.start));
    at = code.end;
    if (code.role === 'single') out.write(standIn(code, out));
    else if (!code.partner) out.write(text.slice(code.start, code.end));
    else if (code.role === 'open') enter(code, out);
    else leave(code, code.partner, out, userName);
  }
  out.write(text.slice(at));
  return out.text;
}

/** What is shown in place of a code that stands alone. */
function standIn({ name, rest }: BbCode, out: Output): string {
  switch (name) {
    case 'code':
      return rest;
    case 'rating':
      return ' [Rating] ';
    case 'attach':
      return ' [Attachment] ';
    case 'disk':
      return ' [File] ';
    case 'icon':
      return `(${iconTitle(rest)})`;
    case 'timestamp':
      return utcMinute(rest);
    default:
      return listItem(out);
  }
}

function enter(code: BbCode, out: Output): void {
  if (isStrike(code)) out.struck++;
  else if (code.name === 'list') out.lists++;
  else if (code.name === 'user') out.mentions.set(code, out.ink);
}

function leave(code: BbCode, opening: BbCode, out: Output, userName: PlainTextOptions['userName']): void {
  if (isStrike(code)) out.struck--;
  else if (code.name === 'list') out.lists--;
  else if (out.mentions.get(opening) === out.ink) out.write(nameOf(opening, userName));
}

/** A strike half that pairs with another style (`[s]a[/b]`) removes its codes only, not the text between. */
function isStrike(code: BbCode): boolean {
  return code.name === 's' && code.partner?.name === 's';
}

function nameOf(mention: BbCode, userName: PlainTextOptions['userName']): string {
  const id = mentionedId(mention);
  return id === undefined ? '' : quotedName(userName(id) ?? '');
}

function mentionedId(code: BbCode): number | undefined {
  if (code.name !== 'user') return undefined;
  const id = Number.parseInt(code.rest.slice(1), 10);
  return id > 0 && id <= MAX_USER_ID ? id : undefined;
}

/** Attributes may come in any order, so the title ends where one about size begins. */
function iconTitle(rest: string): string {
  const title = / title=(.*)$/is.exec(rest)?.[1] ?? '';
  return title.split(/(?:width|height|size)=/i, 1)[0]?.trim() || 'icon';
}

/** The row is the same for every reader, so the reader's own zone and format cannot be used here. */
function utcMinute(rest: string): string {
  const seconds = Number.parseInt(rest.slice(1), 10);
  return `${new Date(seconds * 1000).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** Keeps the words of neighbouring items apart. */
function listItem(out: Output): string {
  if (out.lists === 0) return '[*]';
  return out.apart ? '' : ' ';
}
