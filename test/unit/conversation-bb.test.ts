import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseBb, plainText } from '../../web/inbox/conversation/bb.ts';
import { type BbNode, plainOf } from '../../web/inbox/conversation/bb-nodes.ts';
import { isMisleading, linkTarget } from '../../web/inbox/conversation/links.ts';

const text = (value: string): BbNode => ({ type: 'text', text: value });

function depthOf(nodes: readonly BbNode[]): number {
  return nodes.reduce((deepest, node) => Math.max(deepest, 'children' in node ? 1 + depthOf(node.children) : 1), 0);
}

function hrefsOf(nodes: readonly BbNode[]): string[] {
  return nodes.flatMap((node) => [...(node.type === 'link' ? [node.href] : node.type === 'image' ? [node.src] : []), ...('children' in node ? hrefsOf(node.children) : [])]);
}

describe('codes', () => {
  const cases: ReadonlyArray<[string, BbNode[]]> = [
    ['plain [x] text', [text('plain [x] text')]],
    ['[b]bold[/b]', [{ type: 'bold', children: [text('bold')] }]],
    ['[B][i]x[/I][/b]', [{ type: 'bold', children: [{ type: 'italic', children: [text('x')] }] }]],
    ['[b]a[i]b[/b]c[/i]', [{ type: 'bold', children: [text('a'), { type: 'italic', children: [text('b')] }] }, { type: 'italic', children: [text('c')] }]],
    ['[b]alone', [text('[b]alone')]],
    ['alone[/b]', [text('alone[/b]')]],
    ['one[br]two#BR#three', [text('one\ntwo\nthree')]],
    ['[code][b]x[/b][/code]', [{ type: 'code', text: '[b]x[/b]' }]],
    ['[USER=5]Anna[/USER]', [{ type: 'user', id: 5, children: [text('Anna')] }]],
    ['[user=5 replace]Anna[/user]', [{ type: 'user', id: 5, children: [text('Anna')] }]],
    ['[user=all]all[/user]', [{ type: 'user', id: 'all', children: [text('all')] }]],
    ['[CHAT=7]here[/CHAT]', [{ type: 'dialog', dialogId: 'chat7', messageId: 0, children: [text('here')] }]],
    ['[context=chat7/12]there[/context]', [{ type: 'dialog', dialogId: 'chat7', messageId: 12, children: [text('there')] }]],
    ['[send=/help]Help[/send]', [{ type: 'send', value: '/help', children: [text('Help')] }]],
    ['[put]/help[/put]', [{ type: 'put', value: '/help', children: [text('/help')] }]],
    ['[quote]x[/quote]', [{ type: 'quote', title: '', children: [text('x')] }]],
    ['>> a\n>>b\nc', [{ type: 'quote', title: '', children: [text('a\nb')] }, text('c')]],
    ['[list][*]a[*]b[/list]', [{ type: 'list', ordered: false, children: [{ type: 'item', children: [text('a')] }, { type: 'item', children: [text('b')] }] }]],
    ['[*]', [text('[*]')]],
    ['[color=#ff0000]r[/color]', [{ type: 'color', color: '#ff0000', children: [text('r')] }]],
    ['[color=red;x]r[/color]', [text('[color=red;x]r[/color]')]],
    ['[timestamp=60 format=x]', [{ type: 'time', at: 60_000 }]],
  ];
  test.each(cases)('%s', (given, nodes) => expect(parseBb(given)).toEqual(nodes));

  test('a framed message is a quote with whoever wrote it, and what follows is not', () => {
    const frame = '-'.repeat(54);
    expect(parseBb(`${frame}\nAnna [today, 12:00]\nHello [b]you[/b]\n${frame}\nYes`)).toEqual([
      { type: 'quote', title: 'Anna [today, 12:00]', children: [text('Hello '), { type: 'bold', children: [text('you')] }, text('\n')] },
      text('Yes'),
    ]);
  });

  test('a preview is one line without codes', () => expect(plainText('[b]a[/b]\n[url=https://x.example]b[/url]  c')).toBe('a b c'));
});

describe('links', () => {
  test.each([
    ['https://a.example/x', 'https://a.example/x'], ['www.a.example', 'https://www.a.example'], ['mailto:a@b.example', 'mailto:a@b.example'], ['tel:+1', 'tel:+1'], ['/docs', '/docs'],
    ['//host', undefined], ['/\\host', undefined], ['\\\\host', undefined], ['javascript:alert(1)', undefined], ['JaVaScRiPt:x', undefined], ['java\tscript:x', undefined],
    ['/\t/host', undefined], [' javascript:x', undefined], ['data:text/html,x', undefined], ['vbscript:x', undefined], ['https:/\\host', undefined], ['http://', undefined], ['blob:x', undefined],
    ['\u0001javascript:x', undefined], ['https://a\u202e.example', undefined],
  ])('%j leads to %j', (given, target) => expect(linkTarget(given)).toBe(target));

  test('where a text writes out an address', () => {
    expect(hrefsOf(parseBb('see https://a.example/b_(c)?x=1. And (https://d.example), [url]e[/url]'))).toEqual(['https://a.example/b_(c)?x=1', 'https://d.example', '']);
    expect(hrefsOf(parseBb('[url=https://a.example/?x[]=1]x[/url]'))).toEqual(['https://a.example/?x[]=1']);
    expect(hrefsOf(parseBb('[url]https://a.example[/url] [url=javascript:x]https://b.example[/url]'))).toEqual(['https://a.example', '']);
    expect(hrefsOf(parseBb('[icon=javascript:x title=No] [icon=/i.png size=20]'))).toEqual(['/i.png']);
  });

  test('words that claim another address are told apart', () => {
    expect(isMisleading('https://bank.example/login', 'https://evil.example')).toBe(true);
    expect(isMisleading('bank.example', 'https://www.bank.example/x')).toBe(false);
    expect(isMisleading('read this', 'https://evil.example')).toBe(false);
  });

  test('no text makes an address that is not allowed', () => {
    const part = fc.constantFrom('[url=', '[url]', '[/url]', ']', '[img=', '[/img]', 'javascript:', '//', 'http://', '\t', '\\', 'x.example', '[icon=', '[b]', '[/b]', '[call=', '[/call]', '\u200b', ' ', '=');
    fc.assert(fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
      for (const href of hrefsOf(parseBb(parts.join('')))) expect(href === '' || /^(?:https?:\/\/[^/\\]|mailto:|tel:|\/[^/\\]|\/$)/i.test(href)).toBe(true);
    }), { numRuns: 500 });
  });
});

describe('however it is made, a text', () => {
  const fast = (name: string, given: string) => test(`${name} is read in no time, and no deeper than shows`, () => {
    parseBb(given.slice(0, 2000));
    const { user } = process.cpuUsage();
    const nodes = parseBb(given);
    expect(process.cpuUsage({ user, system: 0 }).user / 1000).toBeLessThan(1000);
    expect(depthOf(nodes)).toBeLessThan(40);
  });
  fast('of 1 MB', 'word '.repeat(200_000));
  fast('of 1 MB in one word', 'x'.repeat(1_000_000));
  fast('nested ×1000', `${'[b]'.repeat(1000)}x${'[/b]'.repeat(1000)}`);
  fast('nested as deep as it goes', `${'[b]'.repeat(14_000)}x${'[/b]'.repeat(14_000)}`);
  fast('that overlaps itself', '[b][i]'.repeat(8000) + '[/b][/i]'.repeat(6000));
  fast('of brackets', '['.repeat(100_000));
  fast('of beginnings of addresses', '[url='.repeat(20_000));
  fast('of frames', `${'-'.repeat(54)}\n`.repeat(1800));
  fast('of hyphens', '-'.repeat(100_000));
  fast('of quoted lines', '>>x\n'.repeat(25_000));
  fast('of addresses', 'https://a.example/ '.repeat(5000));
  fast('of an address and brackets', `https://a${')'.repeat(90_000)}`);
  fast('of codes without an end', '[code]'.repeat(16_000));

  test('keeps its words', () => {
    const part = fc.constantFrom('[b]', '[/b]', '[i]', '[/i]', '[quote]', '[/quote]', '[user=3]', '[/user]', 'a', 'b', ' ', '[size=12]', '[/size]');
    fc.assert(fc.property(fc.array(part, { maxLength: 40 }), (parts) => {
      const words = (given: string) => given.replace(/\[[^\]]*\]/g, '');
      expect(words(plainOf(parseBb(parts.join(''))))).toBe(words(parts.join('')));
    }), { numRuns: 300 });
  });
});
