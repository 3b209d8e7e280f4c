/** Numbers of the other portal in texts and parameters become those of here; what leads nowhere here is left as its words. */
import { type BbCode, findBbCodes } from '../messenger/views/bb-codes.ts';

/** What the numbers of the other portal are here; undefined for what has not come here. */
export interface Numbers {
  user(id: number): number | undefined;
  chat(id: number): number | undefined;
  message(id: number): number | undefined;
}

/** What a text names. */
export interface Named {
  users: Set<number>;
  messages: Set<number>;
}

const DIALOG = /^=(chat)?(\d{1,12})(?::(\d{1,12}))?(?:\/(\d{1,12}))?(.*)$/is;
/** A place of a conversation as quotes name it: `#chat5/12`. */
const PLACE = /#(chat)?(\d{1,12})(?::(\d{1,12}))?\/(\d{1,12})/g;

export function namedIn(text: string, named: Named): void {
  replaced(text, {
    user: (id) => (named.users.add(id), id),
    chat: (id) => id,
    message: (id) => (named.messages.add(id), id),
  });
}

export function replaced(text: string, numbers: Numbers): string {
  const edits: Array<{ start: number; end: number; text: string }> = [];
  for (const code of findBbCodes(text)) {
    if (code.role !== 'open' || !code.partner) continue;
    const opening = openingOf(code, numbers);
    if (opening === undefined) continue;
    edits.push({ start: code.start, end: code.end, text: opening });
    if (opening === '') edits.push({ start: code.partner.start, end: code.partner.end, text: '' });
  }
  return withPlaces(edited(text, edits), numbers);
}

/** The opening half as it is here: undefined where it names nothing, empty where what it names is not here. */
function openingOf({ name, rest }: BbCode, numbers: Numbers): string | undefined {
  if (name === 'user') return withNumber('USER', rest, (id) => numbers.user(id));
  if (name === 'chat') return withNumber('CHAT', rest, (id) => numbers.chat(id));
  if (name !== 'dialog' && name !== 'context') return undefined;
  const place = placeOf(DIALOG.exec(rest), numbers);
  return place === undefined ? '' : `[${name.toUpperCase()}=${place}]`;
}

function withNumber(name: string, rest: string, find: (id: number) => number | undefined): string | undefined {
  const [, digits, more = ''] = /^=(\d{1,12})(.*)$/s.exec(rest) ?? [];
  if (digits === undefined) return undefined;
  const here = find(Number(digits));
  return here === undefined ? '' : `[${name}=${here}${more}]`;
}

function placeOf(found: RegExpExecArray | RegExpMatchArray | null, numbers: Numbers): string | undefined {
  if (!found) return undefined;
  const [, chat, first, second, message, more = ''] = found;
  const [a, b] = chat ? [numbers.chat(Number(first)), 0] : [numbers.user(Number(first)), second === undefined ? 0 : numbers.user(Number(second))];
  const at = message === undefined ? 0 : numbers.message(Number(message));
  if (a === undefined || b === undefined || at === undefined) return undefined;
  return `${chat ? 'chat' : ''}${a}${b > 0 ? `:${b}` : ''}${at > 0 ? `/${at}` : ''}${more}`;
}

function withPlaces(text: string, numbers: Numbers): string {
  if (!text.includes('#')) return text;
  return text.replaceAll(PLACE, (whole, ...groups: string[]) => {
    const place = placeOf([whole, ...groups.slice(0, 4)] as unknown as RegExpMatchArray, numbers);
    return place === undefined ? '' : `#${place}`;
  });
}

function edited(text: string, edits: Array<{ start: number; end: number; text: string }>): string {
  let [made, at] = ['', 0];
  for (const edit of edits.sort((a, b) => a.start - b.start)) {
    if (edit.start < at) continue;
    made += text.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  return made + text.slice(at);
}
