import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { parseAttach } from '../../src/messenger/posting/attach.ts';
import { clearsContent } from '../../src/messenger/posting/content.ts';
import { decodeText } from '../../src/rest/json.ts';
import type { Value } from '../../src/rest/values.ts';

/** As the method reads the parameter. */
const attachOf = (given: unknown) => parseAttach(decodeText(given as Value, 'ATTACH'));

const TEXT = { MESSAGE: 'x' };

/** Content of the only block after parsing, or why there is none. */
function only(block: unknown): unknown {
  const attach = attachOf([block]);
  return typeof attach === 'string' ? attach : attach.BLOCKS[0];
}

describe('parseAttach: forms', () => {
  test.each<[string, unknown]>([
    ['a bare list', [TEXT]],
    ['JSON of a bare list', '[{"MESSAGE":"x"}]'],
    ['an object', { BLOCKS: [TEXT] }],
    ['JSON of an object', '{"BLOCKS":[{"MESSAGE":"x"}]}'],
    ['a list out of a form', { 0: TEXT }],
    ['a list out of a form with gaps', { BLOCKS: { 7: TEXT } }],
    ['lower-case keys', { blocks: [{ message: 'x' }], id: '1' }],
    ['a lone block', { BLOCKS: TEXT }],
    ['unknown fields', { BLOCKS: [TEXT], junk: 1, __proto__: { COLOR: '#fff' } }],
    ['useless decoration', { BLOCKS: [TEXT], COLOR: 'red', COLOR_TOKEN: 'pink', ID: 'x', DESCRIPTION: ' ' }],
  ])('%s', (_, value) => {
    expect(attachOf(value)).toEqual({ ID: 1, BLOCKS: [TEXT] });
  });

  it('keeps the order of blocks and the fields of the full form', () => {
    const full = { ID: '5', COLOR_TOKEN: 'Primary', COLOR: '#29619b', DESCRIPTION: 'Card', BLOCKS: { 3: { MESSAGE: 'b' }, 1: { MESSAGE: 'a' } } };
    expect(attachOf(full)).toEqual({
      ID: 5, COLOR_TOKEN: 'primary', COLOR: '#29619b', DESCRIPTION: 'Card', BLOCKS: [{ MESSAGE: 'a' }, { MESSAGE: 'b' }],
    });
  });

  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a number', 5],
    ['text', 'hello'],
    ['JSON of text', '"hello"'],
    ['broken JSON', '[{"MESSAGE":"x"'],
    ['the word for removal', 'N'],
    ['an empty list', []],
    ['an empty object', {}],
    ['no blocks', { ID: 1 }],
    ['empty blocks', { BLOCKS: [] }],
    ['a block of no type', [{}]],
    ['a block of two types', [{ MESSAGE: 'x', DELIMITER: {} }]],
    ['a block of an unknown type', [{ VIDEO: {} }]],
    ['a block named like a method', [{ toString: {} }]],
    ['a block that is text', ['x']],
    ['one bad block among good ones', [TEXT, { LINK: {} }]],
  ])('refuses %s', (_, value) => {
    expect(attachOf(value)).toBe('invalid');
  });

  it('allows 60 000 characters of JSON and no more', () => {
    const frame = JSON.stringify({ ID: 1, BLOCKS: [{ MESSAGE: '' }] }).length;
    expect(attachOf([{ MESSAGE: 'x'.repeat(60_000 - frame) }])).toBeTypeOf('object');
    expect(attachOf([{ MESSAGE: 'x'.repeat(60_001 - frame) }])).toBe('oversize');
    expect(attachOf(JSON.stringify([{ MESSAGE: 'x'.repeat(70_000) }]))).toBe('oversize');
  });
});

describe('parseAttach: blocks', () => {
  test.each<[unknown, unknown]>([
    [{ MESSAGE: '[B]x[/B]' }, { MESSAGE: '[B]x[/B]' }],
    [{ MESSAGE: 5 }, { MESSAGE: '5' }],
    [
      { LINK: { LINK: ' https://x.y ', NAME: 'n', DESC: '', HTML: '<b>h</b>', PREVIEW: '/p.png', WIDTH: '1000', HEIGHT: 638, USER_ID: '5', CHAT_ID: 0, NETWORK_ID: 'abc', X: 1 } },
      { LINK: [{ LINK: 'https://x.y', NAME: 'n', DESC: '', HTML: '<b>h</b>', PREVIEW: '/p.png', WIDTH: 1000, HEIGHT: 638, USER_ID: 5, NETWORK_ID: 'abc' }] },
    ],
    [{ LINK: { 0: { link: '/a' }, 4: { link: '/b' } } }, { LINK: [{ LINK: '/a' }, { LINK: '/b' }] }],
    [{ RICH_LINK: [{ LINK: 'http://x', NAME: 'n', DESC: 'd', PREVIEW: '' }] }, { RICH_LINK: [{ LINK: 'http://x', NAME: 'n', DESC: 'd' }] }],
    [
      { USER: { NAME: 'Ann', AVATAR: 'https://x/a.png', LINK: '/u/5/', USER_ID: '5', CHAT_ID: '', BOT_ID: 7, AVATAR_TYPE: 'user' } },
      { USER: [{ NAME: 'Ann', AVATAR: 'https://x/a.png', LINK: '/u/5/', USER_ID: 5, BOT_ID: 7, AVATAR_TYPE: 'USER' }] },
    ],
    [{ USER: { NAME: 'Ann', AVATAR_TYPE: 'ROBOT' } }, { USER: [{ NAME: 'Ann' }] }],
    [
      { GRID: [{ DISPLAY: 'line', NAME: 'n', VALUE: '', WIDTH: 'wide', HEIGHT: -1, COLOR: '#f00', COLOR_TOKEN: 'alert', LINK: '/x', USER_ID: 1, CHAT_ID: 2 }, { DISPLAY: 'ROW', VALUE: true }] },
      { GRID: [{ DISPLAY: 'LINE', NAME: 'n', VALUE: '', COLOR: '#f00', COLOR_TOKEN: 'alert', LINK: '/x', USER_ID: 1, CHAT_ID: 2 }, { DISPLAY: 'ROW', VALUE: '1' }] },
    ],
    [{ GRID: [{ DISPLAY: 'BLOCK' }, { DISPLAY: 'TABLE' }] }, { GRID: [{ DISPLAY: 'BLOCK' }, { DISPLAY: 'TABLE' }] }],
    [{ IMAGE: { LINK: 'https://x/i.png', NAME: 'i', PREVIEW: '/p', WIDTH: 1, HEIGHT: 2 } }, { IMAGE: [{ LINK: 'https://x/i.png', NAME: 'i', PREVIEW: '/p', WIDTH: 1, HEIGHT: 2 }] }],
    [{ FILE: [{ LINK: '/f', NAME: 'f.zip', SIZE: '1500000' }] }, { FILE: [{ LINK: '/f', NAME: 'f.zip', SIZE: 1_500_000 }] }],
    [{ FILE: [{ LINK: '/f', SIZE: 'big' }] }, { FILE: [{ LINK: '/f' }] }],
    [{ DELIMITER: { SIZE: '100', COLOR: '#c6c6c6' } }, { DELIMITER: { SIZE: 100, COLOR: '#c6c6c6' } }],
    [{ DELIMITER: { SIZE: 'x', COLOR: 'grey' } }, { DELIMITER: { SIZE: 200 } }],
    [{ DELIMITER: {} }, { DELIMITER: { SIZE: 200 } }],
    [{ DELIMITER: [] }, { DELIMITER: { SIZE: 200 } }],
  ])('%j becomes %j', (given, kept) => {
    expect(only(given)).toEqual(kept);
  });

  test.each<[unknown]>([
    [{ MESSAGE: '' }],
    [{ MESSAGE: ' ' }],
    [{ MESSAGE: {} }],
    [{ MESSAGE: null }],
    [{ LINK: {} }],
    [{ LINK: [] }],
    [{ LINK: 'https://x.y' }],
    [{ LINK: { NAME: 'n' } }],
    [{ LINK: { LINK: '' } }],
    [{ LINK: [{ LINK: '/a' }, {}] }],
    [{ LINK: { LINK: '/a', NAME: {} } }],
    [{ LINK: { LINK: '/a', PREVIEW: 'javascript:alert(1)' } }],
    [{ LINK: { LINK: '/a', USER_ID: 'ann' } }],
    [{ LINK: { LINK: '/a', CHAT_ID: '1.5' } }],
    [{ RICH_LINK: [{ NAME: 'n' }] }],
    [{ USER: { AVATAR: '/a' } }],
    [{ USER: { NAME: 'n', AVATAR: 'a.png' } }],
    [{ USER: { NAME: 'n', LINK: 'data:text/html,x' } }],
    [{ GRID: [] }],
    [{ GRID: [{ NAME: 'n', VALUE: 'v' }] }],
    [{ GRID: [{ DISPLAY: 'COLUMN' }] }],
    [{ GRID: [{ DISPLAY: 'ROW', LINK: 'javascript:alert(1)' }] }],
    [{ IMAGE: [{ NAME: 'n' }] }],
    [{ FILE: [{ NAME: 'n' }] }],
    [{ DELIMITER: 'x' }],
  ])('refuses %j', (block) => {
    expect(only(block)).toBe('invalid');
  });
});

describe('parseAttach: links', () => {
  test.each([
    'http://x', 'HTTPS://X.Y/p?q=1#f', 'https://x.y/a b.png', 'https://пример.рф/путь', '/', '/company/personal/user/1/', '/?a=[1]',
  ])('takes %j', (link) => {
    expect(only({ IMAGE: { LINK: link } })).toEqual({ IMAGE: [{ LINK: link }] });
  });

  test.each([
    'javascript:alert(1)', 'JavaScript:alert(1)', 'java\nscript:alert(1)', 'data:text/html,x', 'vbscript:x', 'ftp://x', 'mailto:a@b',
    'x.y', './x', '?x', '#x', '//x.y', '/\\x.y', '\\\\x.y', '/\t/x.y', '/a\nb', 'http:/x', 'http://', 'https://?', 'https:x.y',
  ])('refuses %j', (link) => {
    expect(only({ IMAGE: { LINK: link } })).toBe('invalid');
  });
});

/** The same value as it comes out of a form: every scalar is text, every list a map with gaps in its numbering. */
function asForm(value: unknown): unknown {
  if (Array.isArray(value)) return Object.fromEntries(value.map((item, i) => [i * 3 + 1, asForm(item)]));
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, asForm(field)]));
}

describe('parseAttach on generated values', () => {
  const words = fc.string({ minLength: 1 }).filter((given) => given.trim() !== '');
  const number = fc.integer({ min: 1, max: 1e9 });
  const link = fc.constantFrom('/a', 'https://x.y/z', 'http://x');
  const colour = fc.constantFrom('#fff', '#29619b');
  const token = fc.constantFrom('primary', 'secondary', 'alert', 'base');
  const card = { LINK: link, NAME: words, DESC: words, HTML: words, PREVIEW: link, WIDTH: number, HEIGHT: number, USER_ID: number, CHAT_ID: number, NETWORK_ID: words };
  const user = { NAME: words, AVATAR: link, LINK: link, USER_ID: number, BOT_ID: number, AVATAR_TYPE: fc.constantFrom('USER', 'CHAT', 'BOT') };
  const cell = { DISPLAY: fc.constantFrom('BLOCK', 'LINE', 'ROW', 'TABLE'), NAME: words, VALUE: words, WIDTH: number, COLOR_TOKEN: token, COLOR: colour, LINK: link };
  const some = <T>(item: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(item, { minLength: 1, maxLength: 3 });
  const block: fc.Arbitrary<object> = fc.oneof(
    fc.record({ MESSAGE: words }),
    fc.record({ LINK: some(fc.record(card, { requiredKeys: ['LINK'] })) }),
    fc.record({ RICH_LINK: some(fc.record(card, { requiredKeys: ['LINK'] })) }),
    fc.record({ USER: some(fc.record(user, { requiredKeys: ['NAME'] })) }),
    fc.record({ GRID: some(fc.record(cell, { requiredKeys: ['DISPLAY'] })) }),
    fc.record({ IMAGE: some(fc.record({ LINK: link, NAME: words, WIDTH: number }, { requiredKeys: ['LINK'] })) }),
    fc.record({ FILE: some(fc.record({ LINK: link, NAME: words, SIZE: number }, { requiredKeys: ['LINK'] })) }),
    fc.record({ DELIMITER: fc.record({ SIZE: number, COLOR: colour }, { requiredKeys: ['SIZE'] }) }),
  );
  const full = fc.record(
    { ID: number, BLOCKS: some(block), COLOR: colour, COLOR_TOKEN: token, DESCRIPTION: words },
    { requiredKeys: ['ID', 'BLOCKS'] },
  );

  it('keeps what is in order, and reads it alike as JSON and out of a form', () => {
    fc.assert(
      fc.property(full, (given) => {
        expect(attachOf(given)).toEqual(given);
        expect(attachOf(JSON.stringify(given))).toEqual(given);
        expect(attachOf(asForm(given))).toEqual(given);
        expect(attachOf(given.BLOCKS)).toEqual({ ID: 1, BLOCKS: given.BLOCKS });
      }),
    );
  });

  it('refuses it when any one block is spoilt', () => {
    const bad = fc.constantFrom<unknown>({}, { X: 1 }, 'x', null, { LINK: [] }, { GRID: [{}] }, { IMAGE: [{ LINK: 'javascript:x' }] });
    fc.assert(
      fc.property(some(block), bad, some(block), (before, spoilt, after) => {
        expect(attachOf([...before, spoilt, ...after])).toBe('invalid');
      }),
    );
  });

  const names = ['MESSAGE', 'link', 'LINK', 'USER', 'GRID', 'DELIMITER', 'NAME', 'DISPLAY', 'BLOCKS', 'ID', '0', '3', '__proto__'];
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constantFrom(null, '/x', 'ROW', '12')),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom(...names), tie('value'), { maxKeys: 3 }),
    ),
  }));

  it('never throws, and keeps what it parsed as it is', () => {
    fc.assert(
      fc.property(value, (given) => {
        const parsed = attachOf(given);
        if (typeof parsed !== 'string') expect(attachOf(parsed)).toEqual(parsed);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('clearsContent', () => {
  test.each([undefined, null, false, '', ' ', 'N', 'n', '[]', '{}', [], {}])('%j removes', (value) => {
    expect(clearsContent(value)).toBe(true);
  });

  test.each(['Y', 'x', 0, true, [TEXT], { BLOCKS: [] }])('%j does not', (value) => {
    expect(clearsContent(value)).toBe(false);
  });
});
