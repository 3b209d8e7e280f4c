/** Names and titles are no markup: whatever they hold, they read as they were written, and everything around them too. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findBbCodes } from '../../src/messenger/views/bb-codes.ts';
import { plainText, quotedName } from '../../src/messenger/views/markup.ts';
import type { Client } from '../support/client.ts';
import { historyOf, rowOf, say } from '../support/people.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const FRAME = '-'.repeat(54);
const NAMES = [
  '[b]Bold[/b]', 'Open [b]', 'Shut [/b]', '[/USER]', 'x[/USER]y', '[USER=1 REPLACE]Boss[/USER]', '[s]gone[/s]', '[url=http://evil.example]Ann[/url]',
  '[code]', '[/code]', '[rating=1]', '[*]', '[br]', '[icon=x title=y]', '[timestamp=1]', '[SEND=/x]go[/SEND]', `${FRAME}Ann${FRAME}`, 'Ann [HR]', 'a[0]', '#BR#', 'a#br#b', '[#BR#b]',
];
const read = (text: string) => text.replaceAll('\u200b', '');

let portal: TestServer;
let reader: Client;

beforeAll(async () => {
  portal = await startTestServer();
  reader = await portal.addUser('Reader');
});
afterAll(() => portal[Symbol.asyncDispose]());

describe.each(NAMES)('somebody called %j', (name) => {
  test('is called so wherever the messenger says it, and nothing of it is a code', async () => {
    const who = await portal.addUser(name);
    const chat = await who.call<number>('im.chat.add', { TITLE: name, USERS: [reader.userId] });
    const dialog = `chat${chat}`;
    const lastText = async () => (await rowOf(reader, dialog))!.message.text;
    const said = [`${name} invited Reader to the chat`, `${name} renamed the chat to "New ${name}"`, `by ${name}!`, `Reader removed ${name} from the chat`];
    const happens = [
      () => Promise.resolve(),
      () => who.call('im.chat.updateTitle', { CHAT_ID: chat, TITLE: `New ${name}` }),
      () => say(reader, dialog, { MESSAGE: `by [USER=${who.userId}][/USER]!` }),
      async () => {
        await portal.server.context.db.write((s) => s.query((q) => q.updateTable('member').set({ role: 3 }).where('chat_id', '=', chat).where('user_id', '=', reader.userId)));
        await portal.server.context.db.write((s) => s.query((q) => q.updateTable('member').set({ role: 1 }).where('chat_id', '=', chat).where('user_id', '=', who.userId)));
        await reader.call('im.chat.user.delete', { CHAT_ID: chat, USER_ID: who.userId });
      },
    ];
    for (const [at, happen] of happens.entries()) {
      await happen();
      const text = await lastText();
      expect(read(text)).toBe(said[at]);
      expect(codesOf(text)).toEqual([]);
    }
    expect(await rowOf(reader, dialog)).toMatchObject({ title: `New ${name}` });
    const lines = (await historyOf(reader, dialog)).filter(({ author_id }) => author_id === 0).map(({ text }) => text);
    // The only codes in them are the mentions that the messenger has written itself.
    for (const line of lines) expect(codesOf(line).filter((code) => code !== 'user')).toEqual([]);
    expect(read(plainText(lines.at(-1)!, { attach: false, file: false, userName: () => '' }))).toBe(`${name} created the chat "${name}"`);
  });
});

function codesOf(text: string): string[] {
  return findBbCodes(text).map(({ name }) => name);
}

const anyName = fc.array(
  fc.oneof(fc.constant(' '), fc.constantFrom('[', ']', '/', 'b', 'USER', '=', '1', ' REPLACE', '[b]', '[/b]', '[/USER]', '[*]', '[code]', '[/code]', '[br]', '#BR#', '#', '-', FRAME), fc.string({ unit: 'grapheme', maxLength: 3 })),
  { maxLength: 12 },
).map((parts) => parts.join('').replaceAll('\u200b', '').replace(/[\n\v\f\r\u0085\u2028\u2029]/g, ''));

test('no name changes a mention, or the text around it', () => {
  fc.assert(
    fc.property(anyName, anyName, (one, two) => {
      const line = `a [USER=5 REPLACE]${quotedName(one)}[/USER] b "${quotedName(two)}" c [USER=6][/USER] [b]d[/b]`;
      const text = plainText(line, { attach: false, file: false, userName: () => two });
      // To a mention that says nothing the name is added.
      const first = one.trim() === '' ? one + two : one;
      expect(read(text)).toBe(`a ${first} b "${two}" c ${two} d`.trim());
      expect(codesOf(text)).toEqual([]);
    }),
    { numRuns: 4000 },
  );
});
