/** What texts of another portal become here. */
import { expect, test } from 'vitest';
import { namedIn, replaced } from '../../src/intake/mapping.ts';

const numbers = {
  user: (id: number) => new Map([[5, 105], [6, 106]]).get(id),
  chat: (id: number) => new Map([[7, 207]]).get(id),
  message: (id: number) => new Map([[9, 309]]).get(id),
};

test.each([
  ['[USER=5]Ann[/USER] and [user=6 REPLACE]Bob[/user]', '[USER=105]Ann[/USER] and [USER=106 REPLACE]Bob[/user]'],
  ['[USER=8]Nobody[/USER] said', 'Nobody said'],
  ['[USER=all]Everybody[/USER]', '[USER=all]Everybody[/USER]'],
  ['[CHAT=7]Both[/CHAT] [CHAT=8]Other[/CHAT]', '[CHAT=207]Both[/CHAT] Other'],
  ['[DIALOG=chat7]a[/DIALOG][DIALOG=5]b[/DIALOG][DIALOG=8]c[/DIALOG]', '[DIALOG=chat207]a[/DIALOG][DIALOG=105]b[/DIALOG]c'],
  ['[context=chat7/9]here[/context] [CONTEXT=5:6/9]there[/CONTEXT] [context=chat7/10]gone[/context]', '[CONTEXT=chat207/309]here[/context] [CONTEXT=105:106/309]there[/CONTEXT] gone'],
  ['Ann [12:00] #chat7/9', 'Ann [12:00] #chat207/309'],
  ['[USER=5]no end', '[USER=5]no end'],
  ['[code][USER=5]Ann[/USER][/code]', '[code][USER=5]Ann[/USER][/code]'],
  ['[b][USER=5]Ann[/b][/USER] [URL=https://a.example/?x=5]x[/URL]', '[b][USER=105]Ann[/b][/USER] [URL=https://a.example/?x=5]x[/URL]'],
  ['#5 is no place', '#5 is no place'],
])('%s', (text, here) => {
  expect(replaced(text, numbers)).toBe(here);
});

test('who and which messages a text names', () => {
  const named = { users: new Set<number>(), messages: new Set<number>() };
  namedIn('[USER=5]a[/USER] [context=6:8/9]x[/context] #chat7/11 [CHAT=3]c[/CHAT]', named);
  expect([[...named.users], [...named.messages]]).toEqual([[5, 6, 8], [9, 11]]);
});
