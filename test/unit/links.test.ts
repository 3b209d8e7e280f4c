/** Links in texts. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { firstLink } from '../../src/messenger/views/links.ts';

test.each<[string, string | undefined]>([
  ['https://a.example', 'https://a.example/'],
  ['See https://a.example/x?y=1&z=[2] now', 'https://a.example/x?y=1&z='],
  ['(https://a.example/x).', 'https://a.example/x'],
  ['https://a.example/x, or https://b.example', 'https://a.example/x'],
  ['[url=https://a.example/x]here[/url]', 'https://a.example/x'],
  ['[URL]https://a.example/x[/URL]', 'https://a.example/x'],
  ['HTTP://A.example/X#part', 'http://a.example/X'],
  ['https://пример.рф/ы', 'https://xn--e1afmkfd.xn--p1ai/%D1%8B'],
  ['[code]https://a.example[/code] https://b.example', 'https://b.example/'],
  ['[CODE]https://a.example', 'https://a.example/'],
  ['https://u:p@a.example https://u@b.example https://c.example', 'https://c.example/'],
  ['http://[::1]/', undefined],
  ['https://', undefined],
  ['ftp://a.example javascript:alert(1) //a.example a.example', undefined],
  ['xhttps://a.example', 'https://a.example/'],
  ['', undefined],
])('%j leads to %j', (text, link) => {
  expect(firstLink(text)).toBe(link);
});

test('whatever is said, it is an address of the web without secrets, found quickly', () => {
  const piece = fc.oneof(fc.constantFrom('[code]', '[/code]', 'https://', 'http://a.example', '@', ':', '[', ']', '#', ' '), fc.string({ unit: 'binary' }));
  fc.assert(fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
    const link = firstLink(pieces.join(''));
    if (link === undefined) return;
    const url = new URL(link);
    expect(url.href).toBe(link);
    expect([url.protocol === 'https:' || url.protocol === 'http:', url.username, url.password, url.hash]).toEqual([true, '', '', '']);
  }));
});

test.each(['[code]', 'https://', '[/code][code]', 'https://a@', 'http://a.example.'])('time grows with the text: %s', (piece) => {
  const text = piece.repeat(Math.ceil(20_000 / piece.length));
  const used = process.cpuUsage();
  firstLink(text);
  const { user, system } = process.cpuUsage(used);
  expect((user + system) / 1000).toBeLessThan(300);
});
