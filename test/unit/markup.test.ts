import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { DELETED_MESSAGE_TEXT, plainText, storedText } from '../../src/messenger/views/markup.ts';
import type { PlainTextOptions } from '../../src/messenger/views/markup.ts';

const NAMES = new Map([
  [5, 'Ann Lee'],
  [6, 'Two\nLines [b]'],
]);
const FRAME = '-'.repeat(54);

function plain(text: string, opts: Partial<PlainTextOptions> = {}): string {
  return plainText(text, { attach: false, file: false, userName: (id) => NAMES.get(id), ...opts });
}

describe('plainText', () => {
  test.each<[string, string]>([
    // line breaks
    ['a\nb', 'a b'],
    ['a\r\nb', 'a b'],
    ['a\rb', 'a b'],
    ['a\u2028b\u2029c\u0085d\ve\ff', 'a b c d e f'],
    ['a\n\nb', 'a  b'],
    ['a[br]b[BR]c#BR#d', 'a b c d'],
    // struck-through text
    ['a[s]gone[/s]b', 'ab'],
    ['a[s]x[s]y[/s]z[/s]b', 'ab'],
    ['a[s][b]x[/b][/s]b', 'ab'],
    ['[b]a[s]b[/b]c[/s]d', 'ad'],
    ['[s]a[/b]', 'a'],
    ['[s]a', '[s]a'],
    // styles
    ['[b]a[/b] [U]b[/u] [i]c[/I]', 'a b c'],
    ['[b][i]x[/i][/b]', 'x'],
    ['[b]a[i]b[/b]c[/i]', 'abc'],
    ['[b]a[/i]', 'a'],
    ['[i]a[b]b[/i]c[/u]', 'abc'],
    ['[b]x', '[b]x'],
    ['x[/b]', 'x[/b]'],
    ['[/b]x[b]', '[/b]x[b]'],
    ['[b]x[b]y[/b]', '[b]xy'],
    ['[b]x[/size]', '[b]x[/size]'],
    ['[b=1]x[/b]', '[b=1]x[/b]'],
    // links
    ['[url]http://x.y[/url]', 'http://x.y'],
    ['[url=http://x.y/?a[]=1&b[c[0]]=2]text[/url]', 'text'],
    ['[url=x]a [b]b[/b] c[/url]', 'a b c'],
    ['[url=x[y]text[/url]', '[url=x[y]text[/url]'],
    ['[url=x][/url]y', 'y'],
    // marks
    ['a[rating=5]b', 'a [Rating] b'],
    ['a[RATING=6]b', 'a[RATING=6]b'],
    ['a[attach=12]b', 'a [Attachment] b'],
    ['a[disk=12]b', 'a [File] b'],
    ['a[disk=x]b', 'a[disk=x]b'],
    // people
    ['[USER=5][/USER]!', 'Ann Lee!'],
    ['[user=5]Annie[/user]', 'Annie'],
    ['[user=5 REPLACE]Annie[/user]', 'Annie'],
    ['[user=5][b] [/b][/user]', 'Ann Lee'],
    ['[user=5][s]x[/s][/user]', 'Ann Lee'],
    ['[user=6][/user]', 'Two Lines [\u200bb]'],
    ['[user=7][/user]hi', 'hi'],
    ['[user=99999999999999999999][/user]hi', 'hi'],
    ['[user=all]Everyone[/user]', 'Everyone'],
    ['[user=ann]Ann[/user]', '[user=ann]Ann[/user]'],
    ['[s][user=5]x[/s]y[/user]', 'y'],
    // dialogs and messages
    ['[dialog=chat5]T[/dialog]', 'T'],
    ['[dialog=chat5 message=7]T[/dialog]', 'T'],
    ['[dialog=12:345 message=7]T[/dialog]', 'T'],
    ['[dialog=x]T[/dialog]', '[dialog=x]T[/dialog]'],
    ['[context=chat5/7]T[/context]', 'T'],
    ['[context=1:22/7]T[/context]', 'T'],
    ['[context=12/7]T[/context]', 'T'],
    ['[context=chat5]T[/context]', '[context=chat5]T[/context]'],
    ['[CHAT=5]T[/CHAT]', 'T'],
    ['[chat=imol|5]T[/chat]', 'T'],
    ['[chat=x]T[/chat]', '[chat=x]T[/chat]'],
    ['[PCH=5]T[/PCH]', 'T'],
    // actions
    ['[send=/go]T[/send] [put]/x[/put] [call=+7900]T[/call]', 'T /x T'],
    ['a[send=/go][/send]b', 'ab'],
    ['[put=list[0]]T[/put]', 'T'],
    // looks
    ['[size=20]T[/size]', 'T'],
    ['[size=big]T[/size]', '[size=big]T[/size]'],
    ['[color=#abc]a[/color][color=#a0B1c2]b[/color]', 'ab'],
    ['[color=red]a[/color]', '[color=red]a[/color]'],
    ['[color=#abcd]a[/color]', '[color=#abcd]a[/color]'],
    // icons
    ['[icon=http://x/i.png size=20 title=smile]', '(smile)'],
    ['[ICON=http://x title=Big one WIDTH=5 height=6]', '(Big one)'],
    ['[icon=http://x?title=no size=20]', '(icon)'],
    ['[icon=http://x title= size=20]', '(icon)'],
    // code, quotes, images, lists, dates
    ['[code]a[i] = [b]x[/b][/code]', 'a[i] = [b]x[/b]'],
    ['[code]x', '[code]x'],
    ['[/code][CODE]x[/Code]y[/code]', '[/code]xy[/code]'],
    ['[quote]a[/quote]b', 'ab'],
    ['[quote=Ann]a[/quote]b', 'ab'],
    ['[img size=small]http://x/i.png [/img]b', 'http://x/i.png b'],
    ['[img]http://x/i.png[/img]', 'http://x/i.png'],
    ['[list][*]a[*]b[/list]c', 'a bc'],
    ['[list=1]\n[*]a\n[*]b\n[/list]', 'a b'],
    ['a[*]b', 'a[*]b'],
    ['[list]a', '[list]a'],
    ['at [timestamp=1645844720 format=SHORT_TIME_FORMAT]', 'at 2022-02-26 03:05 UTC'],
    ['[timestamp=99999999999]', '5138-11-16 09:46 UTC'],
    ['[timestamp=now]', '[timestamp=now]'],
    // quote frames
    [`${FRAME}\nAnn [today]\nold text\n${FRAME}\nnew`, '[Quote]  new'],
    [`a${FRAME}x${FRAME}b${FRAME}y${FRAME}c`, 'a [Quote] b [Quote] c'],
    [`a${FRAME}--x${FRAME}b`, 'a [Quote] b'],
    [`a${FRAME}x`, `a${FRAME}x`],
    [`a${FRAME}${FRAME}b`, `a${FRAME}${FRAME}b`],
    [`a${'-'.repeat(53)}x${FRAME}b`, `a${'-'.repeat(53)}x${FRAME}b`],
    [`${FRAME}[b]x${FRAME}[/b]y`, '[Quote] y'],
    // what is left alone
    ['[note] array[0] [] [[x]] [/] ]', '[note] array[0] [] [[x]] [/] ]'],
    ['>>quoted', '>>quoted'],
    ['<b>&amp;</b> "x"', '<b>&amp;</b> "x"'],
    ['a   b', 'a   b'],
    ['👩‍👩‍👧 e\u0301 مرحبا', '👩‍👩‍👧 e\u0301 مرحبا'],
    [' x ', 'x'],
    // nothing left
    ['', DELETED_MESSAGE_TEXT],
    [' \n ', DELETED_MESSAGE_TEXT],
    ['[s]x[/s]', DELETED_MESSAGE_TEXT],
  ])('%j reads %j', (text, expected) => {
    expect(plain(text)).toBe(expected);
  });

  test.each<[string, Partial<PlainTextOptions>, string]>([
    ['John Doe created a task', { attach: true }, 'John Doe created a task [Attachment]'],
    ['a', { attach: 'Task [b]1[/b]\nnew' }, 'a Task 1 new'],
    ['', { attach: 'Task' }, 'Task'],
    ['', { attach: true }, '[Attachment]'],
    ['', { attach: ' ' }, '[Attachment]'],
    ['[b]a', { attach: 'b[/b]' }, '[b]a b[/b]'],
    ['a ', { file: true }, 'a [File]'],
    ['', { file: true }, '[File]'],
    ['', { sticker: true }, '[Sticker]'],
    ['a', { attach: true, file: true }, 'a [Attachment] [File]'],
  ])('%j with %j reads %j', (text, opts, expected) => {
    expect(plain(text, opts)).toBe(expected);
  });

  it('does not cut long text', () => {
    expect(plain('x'.repeat(20_006))).toHaveLength(20_006);
  });

  it.each([
    '[b]', '[/b]', '[b][/i]', '[s]', '[', '[url=', '[url=[', '[user=5 ', '[user=1', '[aaaa', '[icon=x title=',
    '[code]', '[/code]', '[list][*]', 'a[*]', '-', '-a', `${FRAME}a`, `${FRAME.slice(1)}a`, ' ', '\r',
  ])('stays linear on a quarter of a million characters of %j', (unit) => {
    // Anything worse than linear takes minutes here and runs into the time limit of a test.
    const many = unit.repeat(250_000 / unit.length);
    for (const end of [']', '[/b]', '[/user]', '[/s]']) {
      const text = `[list]${many}${end.repeat(50_000 / end.length)}`;
      expect(plain(text).length).toBeLessThanOrEqual(text.length);
    }
  });
});

/** A piece of a message: the markup and what it reads as, built side by side without looking for codes in text. */
interface Piece {
  markup: string;
  reads: string;
}

const LEAVES = ['a', 'b ', ' ', '1', '-', '👍🏽', 'e\u0301', 'שלום', '<i>', '>>', '[note]', 'x[0]', '=', '/', 'b', 'url'];
const WRAPPERS = [
  'b', 'i', 'u', 'url', 'url=http://x/?a[]=1', 'send=/x', 'put', 'call=+1',
  'chat=5', 'pch=1', 'size=9', 'color=#abc', 'quote', 'img', 'list', 'dialog=chat5', 'context=1:2/3', 'user=all', 'user=5', 's',
];
const STAND_INS: Piece[] = [
  { markup: '[rating=1]', reads: ' [Rating] ' },
  { markup: '[ATTACH=1]', reads: ' [Attachment] ' },
  { markup: '[disk=1]', reads: ' [File] ' },
  { markup: '[icon=x title=t]', reads: '(t)' },
  { markup: '[code][b]x[/code]', reads: '[b]x' },
  { markup: '\r\n', reads: ' ' },
];

function wrapped(code: string, inner: Piece[]): Piece {
  const body = joined(inner);
  const name = code.split('=')[0] ?? '';
  let reads = code === 's' ? '' : body.reads;
  if (code === 'user=5' && reads.trim() === '') reads += 'Ann Lee';
  return { markup: `[${code}]${body.markup}[/${name.toUpperCase()}]`, reads };
}

function joined(pieces: Piece[]): Piece {
  return { markup: pieces.map((p) => p.markup).join(''), reads: pieces.map((p) => p.reads).join('') };
}

const { message } = fc.letrec<{ message: Piece[]; piece: Piece }>((tie) => ({
  message: fc.array(tie('piece'), { maxLength: 4 }),
  piece: fc.oneof(
    { maxDepth: 5 },
    fc.constantFrom(...LEAVES).map((leaf) => ({ markup: leaf, reads: leaf })),
    fc.constantFrom(...STAND_INS),
    fc.tuple(fc.constantFrom(...WRAPPERS), tie('message')).map(([code, inner]) => wrapped(code, inner)),
  ),
}));

/** Text made of the pieces codes are made of, so that most of it almost is one. */
const almostMarkup = fc
  .array(
    fc.constantFrom(
      '[', ']', '/', '=', '[b]', '[/b]', '[s]', '[/s]', '[url=', '[/url]', '[user=5]', '[/user]', '[list]', '[*]',
      '[/list]', '[code]', '[/code]', '\n', '\r', FRAME, '#BR', '#', 'x', ' ', '\u2028', '😀', '\ud83d',
    ),
  )
  .map((parts) => parts.join(''));
const anyText = fc.oneof(fc.string({ unit: 'binary' }), almostMarkup);

describe('plainText on generated text', () => {
  it('reads well nested codes as a recursive reading does', () => {
    fc.assert(
      fc.property(message, (pieces) => {
        const { markup, reads } = joined(pieces);
        expect(plain(markup)).toBe(reads.trim() || DELETED_MESSAGE_TEXT);
      }),
      { numRuns: 500 },
    );
  });

  it('is one line, trimmed and not empty, whatever comes in', () => {
    fc.assert(
      fc.property(anyText, fc.oneof(fc.boolean(), anyText), fc.boolean(), (text, attach, file) => {
        const line = plain(text, { attach, file });
        expect(line).not.toMatch(/[\n\r\v\f\u0085\u2028\u2029]/);
        expect(line).toBe(line.trim());
        expect(line).not.toBe('');
      }),
    );
  });

  it('leaves text without brackets, breaks and frames as it is', () => {
    const ordinary = fc.string({ unit: 'grapheme' }).filter((text) => !/[[#\n\r\v\f\u0085\u2028\u2029]/.test(text));
    fc.assert(
      fc.property(ordinary, (text) => {
        expect(plain(`.${text}.`)).toBe(`.${text}.`);
      }),
    );
  });
});

describe('storedText', () => {
  test.each<[string, string]>([
    ['a[br]b[BR]c[bR]d#BR#e', 'a\nb\nc\nd\ne'],
    ['a#br#b', 'a#br#b'],
    [' \n a \n', 'a'],
    ['[br]a[br]', 'a'],
    ['a\0[b\0r]b', 'a\nb'],
    ['[b]kept[/b]', '[b]kept[/b]'],
    ['', ''],
  ])('%j is stored as %j', (raw, stored) => {
    expect(storedText(raw)).toBe(stored);
  });

  it('keeps 20 006 units and cuts more to 20 000 with a mark', () => {
    const longest = 'x'.repeat(20_006);
    expect(storedText(longest)).toBe(longest);
    expect(storedText(`${longest}x`)).toBe(`${'x'.repeat(20_000)} (...)`);
  });

  it('never cuts a surrogate pair in half', () => {
    expect(storedText(`x${'😀'.repeat(10_010)}`)).toBe(`x${'😀'.repeat(9_999)} (...)`);
    expect(storedText('😀'.repeat(10_010))).toBe(`${'😀'.repeat(10_000)} (...)`);
  });

  it('changes nothing the second time, and never grows past the limit', () => {
    const long = fc.tuple(anyText, fc.nat(30), anyText).map(([a, n, b]) => (a + b).repeat(n * 40));
    fc.assert(
      fc.property(fc.oneof(anyText, long), (raw) => {
        const once = storedText(raw);
        expect(storedText(once)).toBe(once);
        expect(once.length).toBeLessThanOrEqual(20_006);
      }),
    );
  });
});
