import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { parseKeyboard, parseMenu } from '../../src/messenger/posting/keyboard.ts';
import { decodeText } from '../../src/rest/json.ts';
import type { Value } from '../../src/rest/values.ts';

/** As the method reads the parameters. */
const keyboardOf = (given: unknown) => parseKeyboard(decodeText(given as Value, 'KEYBOARD'));
const menuOf = (given: unknown) => parseMenu(decodeText(given as Value, 'MENU'));

const GO = { TEXT: 'Go', LINK: 'https://x.y' };

/** The only button after parsing, or why there is none. */
function button(given: unknown): unknown {
  const keyboard = keyboardOf([given]);
  return typeof keyboard === 'string' ? keyboard : keyboard.BUTTONS[0];
}

function menuItem(given: unknown): unknown {
  const menu = menuOf([given]);
  return typeof menu === 'string' ? menu : menu.ITEMS[0];
}

describe('forms', () => {
  test.each<[string, unknown]>([
    ['a bare list', [GO]],
    ['JSON of a bare list', JSON.stringify([GO])],
    ['an object', { BUTTONS: [GO], ITEMS: [GO] }],
    ['JSON of an object', JSON.stringify({ BUTTONS: [GO], ITEMS: [GO] })],
    ['lists out of a form', { BUTTONS: { 2: GO }, ITEMS: { 5: GO } }],
    ['a bare list out of a form', { 4: GO }],
    ['lower-case keys', { buttons: [{ text: 'Go', link: 'https://x.y' }], items: [{ text: 'Go', link: 'https://x.y' }] }],
    ['unknown fields', { BUTTONS: [{ ...GO, X: 1 }], ITEMS: [{ ...GO, X: 1 }], X: 1 }],
  ])('%s', (_, value) => {
    expect(keyboardOf(value)).toEqual({ BUTTONS: [GO] });
    expect(menuOf(value)).toEqual({ ITEMS: [GO] });
  });

  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a number', 1],
    ['text', 'hello'],
    ['the word for removal', 'N'],
    ['broken JSON', '[{'],
    ['an empty list', []],
    ['an empty object', {}],
    ['empty lists', { BUTTONS: [], ITEMS: [] }],
    ['a button without a list', GO],
    ['text for a button', ['x']],
    ['null for a button', [null]],
    ['one bad button among good ones', [GO, { TEXT: 'x' }]],
  ])('refuses %s', (_, value) => {
    expect(keyboardOf(value)).toBe('invalid');
    expect(menuOf(value)).toBe('invalid');
  });

  it('keeps the order of a form', () => {
    const given = { BUTTONS: { 10: { TEXT: 'b', LINK: '/' }, 9: { TYPE: 'NEWLINE' }, 2: { TEXT: 'a', LINK: '/' } } };
    expect(keyboardOf(given)).toEqual({ BUTTONS: [{ TEXT: 'a', LINK: '/' }, { TYPE: 'NEWLINE' }, { TEXT: 'b', LINK: '/' }] });
  });

  it('keeps the bot of a keyboard', () => {
    expect(keyboardOf({ BOT_ID: '456', BUTTONS: [GO] })).toEqual({ BOT_ID: 456, BUTTONS: [GO] });
    expect(keyboardOf({ BOT_ID: '', BUTTONS: [GO] })).toEqual({ BUTTONS: [GO] });
    expect(keyboardOf({ BOT_ID: 'bot', BUTTONS: [GO] })).toBe('invalid');
  });

  it('allows 60 000 characters of JSON and no more', () => {
    const long = (frame: unknown, over: number): string => 'x'.repeat(60_000 + over - JSON.stringify(frame).length);
    const keyboard = { BUTTONS: [{ TEXT: '', LINK: '/' }] };
    const menu = { ITEMS: [{ TEXT: '', LINK: '/' }] };
    expect(keyboardOf([{ TEXT: long(keyboard, 0), LINK: '/' }])).toBeTypeOf('object');
    expect(keyboardOf([{ TEXT: long(keyboard, 1), LINK: '/' }])).toBe('oversize');
    expect(menuOf([{ TEXT: long(menu, 0), LINK: '/' }])).toBeTypeOf('object');
    expect(menuOf([{ TEXT: long(menu, 1), LINK: '/' }])).toBe('oversize');
  });
});

describe('what a button or item does', () => {
  test.each<[unknown, unknown]>([
    [{ TEXT: 'a', LINK: '/x' }, { TEXT: 'a', LINK: '/x' }],
    [{ TEXT: 5, COMMAND: 'echo' }, { TEXT: '5', COMMAND: 'echo' }],
    [{ TEXT: 'a', COMMAND: 'echo', COMMAND_PARAMS: 1 }, { TEXT: 'a', COMMAND: 'echo', COMMAND_PARAMS: '1' }],
    [{ TEXT: 'a', COMMAND: 'echo', LINK: '', ACTION: '', APP_ID: '' }, { TEXT: 'a', COMMAND: 'echo' }],
    [{ TEXT: 'a', ACTION: 'put', ACTION_VALUE: '/help' }, { TEXT: 'a', ACTION: 'PUT', ACTION_VALUE: '/help' }],
    [{ TEXT: 'a', ACTION: 'SEND', ACTION_VALUE: 'x' }, { TEXT: 'a', ACTION: 'SEND', ACTION_VALUE: 'x' }],
    [{ TEXT: 'a', ACTION: 'COPY', ACTION_VALUE: 'x' }, { TEXT: 'a', ACTION: 'COPY', ACTION_VALUE: 'x' }],
    [{ TEXT: 'a', ACTION: 'CALL', ACTION_VALUE: '+1' }, { TEXT: 'a', ACTION: 'CALL', ACTION_VALUE: '+1' }],
    [{ TEXT: 'a', ACTION: 'CALL', ACTION_VALUE: '+49 (30) 123-456' }, { TEXT: 'a', ACTION: 'CALL', ACTION_VALUE: '+49 (30) 123-456' }],
    [{ TEXT: 'a', ACTION: 'DIALOG', ACTION_VALUE: 5 }, { TEXT: 'a', ACTION: 'DIALOG', ACTION_VALUE: '5' }],
    [{ TEXT: 'a', ACTION: 'DIALOG', ACTION_VALUE: 'chat5' }, { TEXT: 'a', ACTION: 'DIALOG', ACTION_VALUE: 'chat5' }],
    [{ TEXT: 'a', APP_ID: '7', APP_PARAMS: 'p' }, { TEXT: 'a', APP_ID: 7, APP_PARAMS: 'p' }],
    [{ ...GO, CONTEXT: 'mobile', DISABLED: true }, { ...GO, CONTEXT: 'MOBILE', DISABLED: 'Y' }],
    [{ ...GO, CONTEXT: 'DESKTOP', DISABLED: '0' }, { ...GO, CONTEXT: 'DESKTOP', DISABLED: 'N' }],
    [{ ...GO, CONTEXT: 'ALL', DISABLED: 'N' }, { ...GO, CONTEXT: 'ALL', DISABLED: 'N' }],
    [{ ...GO, CONTEXT: 'TV', DISABLED: 'maybe' }, GO],
  ])('%j becomes %j', (given, kept) => {
    expect(button(given)).toEqual(kept);
    expect(menuItem(given)).toEqual(kept);
  });

  test.each<[unknown]>([
    [{ LINK: '/x' }],
    [{ TEXT: '', LINK: '/x' }],
    [{ TEXT: {}, LINK: '/x' }],
    [{ TEXT: 'a' }],
    [{ TEXT: 'a', LINK: '' }],
    [{ TEXT: 'a', LINK: '/x', COMMAND: 'echo' }],
    [{ TEXT: 'a', LINK: '/x', ACTION: 'PUT', ACTION_VALUE: 'x' }],
    [{ TEXT: 'a', COMMAND: 'echo', APP_ID: 1 }],
    [{ TEXT: 'a', COMMAND_PARAMS: 'x' }],
    [{ TEXT: 'a', COMMAND: 'x', COMMAND_PARAMS: ['x'] }],
    [{ TEXT: 'a', ACTION: 'PUT' }],
    [{ TEXT: 'a', ACTION: 'PUT', ACTION_VALUE: '' }],
    [{ TEXT: 'a', ACTION: 'DANCE', ACTION_VALUE: 'x' }],
    [{ TEXT: 'a', ACTION_VALUE: 'x' }],
    [{ TEXT: 'a', LINK: '/x', ACTION: 'DANCE', ACTION_VALUE: 'x' }],
    [{ TEXT: 'a', ACTION: 'CALL', ACTION_VALUE: 'Anna' }],
    [{ TEXT: 'a', ACTION: 'CALL', ACTION_VALUE: '()' }],
    [{ TEXT: 'a', ACTION: 'DIALOG', ACTION_VALUE: 'chatx' }],
    [{ TEXT: 'a', ACTION: 'DIALOG', ACTION_VALUE: 'chat5/7' }],
    [{ TEXT: 'a', APP_ID: 'app' }],
    [{ TEXT: 'a', LINK: 'javascript:alert(1)' }],
    [{ TEXT: 'a', LINK: '//x.y' }],
    [{ TEXT: 'a', LINK: 'x.y' }],
  ])('refuses %j', (given) => {
    expect(button(given)).toBe('invalid');
    expect(menuItem(given)).toBe('invalid');
  });
});

describe('how a button looks', () => {
  test.each<[unknown, unknown]>([
    [{ TYPE: 'NEWLINE' }, { TYPE: 'NEWLINE' }],
    [{ TYPE: 'newline', TEXT: 'x' }, { TYPE: 'NEWLINE' }],
    [{ ...GO, TYPE: 'BUTTON' }, GO],
    [{ ...GO, BLOCK: 'Y' }, GO],
    [{ TEXT: 'a', ACTION: 'PUT', ACTION_VALUE: 'x', BLOCK: 'N' }, { TEXT: 'a', ACTION: 'PUT', ACTION_VALUE: 'x' }],
    [
      { TEXT: 'Go', COMMAND: 'go', BLOCK: 'Y', DISPLAY: 'line', WIDTH: '225', BG_COLOR: '#29619b', BG_COLOR_TOKEN: 'PRIMARY', TEXT_COLOR: '#fff', OFF_BG_COLOR: '#ABC', OFF_TEXT_COLOR: '#000000' },
      { TEXT: 'Go', COMMAND: 'go', BLOCK: 'Y', DISPLAY: 'LINE', WIDTH: 225, BG_COLOR: '#29619b', BG_COLOR_TOKEN: 'primary', TEXT_COLOR: '#fff', OFF_BG_COLOR: '#ABC', OFF_TEXT_COLOR: '#000000' },
    ],
    [{ ...GO, BLOCK: 'x', DISPLAY: 'x', WIDTH: 'x', BG_COLOR: 'red', BG_COLOR_TOKEN: 'x', TEXT_COLOR: {}, OFF_BG_COLOR: 1, OFF_TEXT_COLOR: '#1' }, GO],
  ])('%j becomes %j', (given, kept) => {
    expect(button(given)).toEqual(kept);
  });

  it('is no matter of menus', () => {
    expect(menuItem({ ...GO, BLOCK: 'Y', WIDTH: 5 })).toEqual(GO);
    expect(menuItem({ TYPE: 'NEWLINE' })).toBe('invalid');
  });
});

describe('generated values', () => {
  const words = fc.string({ minLength: 1 }).filter((given) => given.trim() !== '');
  const id = fc.integer({ min: 1, max: 1e9 });
  const place = {
    TEXT: words,
    CONTEXT: fc.constantFrom('MOBILE', 'DESKTOP', 'ALL'),
    DISABLED: fc.constantFrom('Y', 'N'),
  };
  const deed = fc.oneof<fc.Arbitrary<object>[]>(
    fc.record({ LINK: fc.constantFrom('/x', 'https://x.y') }),
    fc.record({ COMMAND: words, COMMAND_PARAMS: fc.string() }),
    fc.record({ ACTION: fc.constantFrom('PUT', 'SEND', 'COPY'), ACTION_VALUE: words }),
    fc.record({ ACTION: fc.constant('CALL'), ACTION_VALUE: id.map((number) => `+${number}`) }),
    fc.record({ ACTION: fc.constant('DIALOG'), ACTION_VALUE: id.map((number) => `chat${number}`) }),
    fc.record({ APP_ID: id, APP_PARAMS: fc.string() }),
  );
  const entry = fc.tuple(fc.record(place, { requiredKeys: ['TEXT'] }), deed).map(([where, what]) => ({ ...where, ...what }));
  const entries = fc.array(entry, { minLength: 1, maxLength: 4 });
  const form = (items: object[]): object => Object.fromEntries(items.map((item, i) => [i * 3 + 1, item]));

  it('keep what is in order, and read it alike in every form', () => {
    fc.assert(
      fc.property(entries, id, (items, bot) => {
        for (const given of [items, JSON.stringify(items), form(items)]) {
          expect(keyboardOf(given)).toEqual({ BUTTONS: items });
          expect(menuOf(given)).toEqual({ ITEMS: items });
        }
        expect(keyboardOf({ BOT_ID: String(bot), BUTTONS: form(items) })).toEqual({ BOT_ID: bot, BUTTONS: items });
        expect(menuOf({ ITEMS: form(items) })).toEqual({ ITEMS: items });
      }),
    );
  });

  it('refuse an entry with two different things to do', () => {
    fc.assert(
      fc.property(entry, deed, (one, other) => {
        const doing = (what: object): string[] => Object.keys(what).filter((key) => ['LINK', 'COMMAND', 'ACTION', 'APP_ID'].includes(key));
        fc.pre(doing(one)[0] !== doing(other)[0]);
        expect(keyboardOf([{ ...one, ...other }])).toBe('invalid');
        expect(menuOf([{ ...one, ...other }])).toBe('invalid');
      }),
    );
  });

  const scalar = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constantFrom(null, '/x', 'PUT', 'NEWLINE', '12', 'Y'));
  const field = fc.constantFrom('TEXT', 'LINK', 'COMMAND', 'ACTION', 'ACTION_VALUE', 'TYPE', 'WIDTH', 'text', '__proto__', '0');
  const strange = fc.oneof(scalar, fc.array(fc.dictionary(field, scalar, { maxKeys: 4 })), fc.dictionary(fc.constantFrom('BUTTONS', 'ITEMS', '0'), scalar));

  it.each([parseKeyboard, parseMenu])('never make %o throw; what it parsed stays as it is', (parse) => {
    fc.assert(
      fc.property(strange, (given) => {
        const parsed = parse(given);
        if (typeof parsed !== 'string') expect(parse(parsed)).toEqual(parsed);
      }),
      { numRuns: 1000 },
    );
  });
});
