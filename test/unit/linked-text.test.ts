/** Addresses that stand by themselves become links; everything else stays as it was written. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { linkedText } from '../../src/messenger/views/linked-text.ts';
import { runs } from '../support/runs.ts';

describe('linkedText', () => {
  test.each([
    ['see https://a.example/x?y=1#z now', 'see [URL]https://a.example/x?y=1#z[/URL] now'],
    ['https://a.example, http://b.example.', '[URL]https://a.example[/URL], [URL]http://b.example[/URL].'],
    ['(https://a.example/) https://a.example/b_(c)', '([URL]https://a.example/[/URL]) [URL]https://a.example/b_(c)[/URL]'],
    ['HTTPS://A.EXAMPLE\nsecond', '[URL]HTTPS://A.EXAMPLE[/URL]\nsecond'],
    ['[b]https://a.example[/b]', '[b][URL]https://a.example[/URL][/b]'],
    ['[url]https://a.example[/url] [URL=https://a.example]https://b.example[/URL]', '[url]https://a.example[/url] [URL=https://a.example]https://b.example[/URL]'],
    ['[code]https://a.example[/code] [img]https://a.example/x.png[/img]', '[code]https://a.example[/code] [img]https://a.example/x.png[/img]'],
    ['[put=https://a.example]https://a.example[/put] https://b.example', '[put=https://a.example]https://a.example[/put] [URL]https://b.example[/URL]'],
    ['[url]https://a.example', '[url][URL]https://a.example[/URL]'],
    ['ftp://a.example xhttps://a.example www.a.example', 'ftp://a.example xhttps://a.example www.a.example'],
    ['', ''],
  ])('%s', (text, linked) => expect(linkedText(text)).toBe(linked));

  test('without the links that it makes it is what was written, and it makes them once', () => {
    const part = fc.constantFrom('https://a.example/x', 'http://b.example', '[b]', '[/b]', '[url]', '[/url]', '[code]', '[/code]', '[img]', '[/img]', '.', ')', '(', ' ', '\n', 'word', '[');
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }).map((parts) => parts.join('')), (text) => {
        const linked = linkedText(text);
        expect(linked.replaceAll(/\[\/?URL\]/g, '')).toBe(text);
        expect(linkedText(linked)).toBe(linked);
      }),
      { numRuns: runs(2000) },
    );
  });
});
