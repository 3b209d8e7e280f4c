/** Whom a text mentions. */
import { describe, expect, it, test } from 'vitest';
import { mentionedUserIds } from '../../src/messenger/views/markup.ts';

describe('mentionedUserIds', () => {
  test.each<[string, number[]]>([
    ['[user=5][/user] [USER=12 REPLACE]x[/USER] [user=5]y[/user]', [5, 12]],
    ['[user=all]x[/user] [user=0]x[/user] [user=x]x[/user]', []],
    ['[user=2147483647]x[/user] [user=2147483648]x[/user]', [2147483647]],
    ['[user=5]', []],
    ['[code][user=5][/user][/code]', []],
    ['', []],
  ])('%j mentions %j', (text, ids) => {
    expect(mentionedUserIds(text)).toEqual(ids);
  });

  it('stops at 100 people', () => {
    const text = Array.from({ length: 150 }, (_, i) => `[user=${i + 1}][/user]`).join('');
    expect(mentionedUserIds(text)).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
  });
});
