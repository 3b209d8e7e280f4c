/** Values that no well-behaved client sends, as the bytes of a JSON value and of a form field. */
import { NOBODY, type Scene } from './scene.ts';

export interface Hostile {
  what: string;
  /** The value in a JSON body. */
  json?: string | Buffer;
  /** Everything after the parameter's name in a form body: `=1` or `[a]=1&…`, with `P` for the name. */
  form?: string;
}

const MEGABYTE = 'a'.repeat(1_000_000);

const text = (what: string, value: string): Hostile => ({ what, json: JSON.stringify(value), form: `P=${encodeURIComponent(value)}` });
const number = (digits: string): Hostile => ({ what: `the number ${digits}`, json: digits, form: `P=${digits}` });

const NUMBERS = ['-1', '0', '1.5', '-0.5', '1e400', '-1e400', '9007199254740992', '-9007199254740993', '12345678901234567890', '999999999999999'].map(number);

const DIGITS = ['-1', '1.5', '1e400', '9007199254740992', '12345678901234567890', '0x10', '٣', '+5', '1 2'].map(
  (digits) => text(`the text "${digits}"`, digits)
);

const TEXTS = [
  text('an empty text', ''),
  text('a space', ' '),
  text('a NUL', '\0'),
  text('a NUL inside', 'a\0b'),
  text('an emoji', '👩‍🔬🌊'),
  text('right-to-left text', '\u202eمرحبا שלום\u202c'),
  text('combining marks', 'Z\u0351\u036b\u0343a\u0334\u0322l'),
  text('HTML', '<script>alert("1")</script>'),
  text('quotes', `'; drop table chat; -- "`),
  text('the name of a built-in', '__proto__'),
  text('the name of another', 'constructor'),
  text('half of a JSON list', '[1,'),
  text('a bare percent sign', '%'),
  text('a megabyte', MEGABYTE),
  text('a day that does not exist', '2026-02-30T00:00:00Z'),
];

const STRUCTURES: Hostile[] = [
  { what: 'null', json: 'null' },
  { what: 'true', json: 'true' },
  { what: 'an empty list', json: '[]', form: 'P[]=' },
  { what: 'an empty map', json: '{}' },
  { what: 'a list of texts', json: '["x","y"]', form: 'P[]=x&P[]=y' },
  { what: 'a list of bad ids', json: '[-1,1.5,"x",null]', form: 'P[]=-1&P[]=1.5' },
  { what: 'lists in lists', json: '[[[1,[2]]]]', form: 'P[0][0][0]=1' },
  { what: 'a map', json: '{"a":1,"b":{"c":[]}}', form: 'P[a]=1&P[b][c]=2' },
  { what: 'a map with a built-in key', json: '{"__proto__":{"polluted":1},"constructor":1}', form: 'P[__proto__][polluted]=1' },
  { what: 'a map with odd numbers as keys', json: '{"-1":1,"1e3":2,"5":3}', form: 'P[-1]=1&P[1e3]=2' },
];

const ENCODINGS: Hostile[] = [
  { what: 'bytes that are not UTF-8', json: Buffer.from([0x22, 0xff, 0xfe, 0x22]), form: 'P=%FF%FE' },
  { what: 'an overlong slash', json: Buffer.from([0x22, 0xc0, 0xaf, 0x22]), form: 'P=%C0%AF' },
  { what: 'a surrogate in UTF-8', json: Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]), form: 'P=%ED%A0%80' },
  { what: 'half a character', json: Buffer.from([0x22, 0xf0, 0x9f, 0x22]), form: 'P=%F0%9F' },
  { what: 'a lone high surrogate', json: '"\\ud83d"' },
  { what: 'a lone low surrogate', json: '"a\\udc00b"' },
  { what: 'a lone surrogate deep inside', json: '[{"a":["\\ud83d"]}]' },
];

/** Ids of things that are there but not the caller's, or not of that kind, or not there at all. */
function ids({ claras, messages, clara }: Scene): Hostile[] {
  const values = [
    NOBODY, `chat${NOBODY}`, `sg${NOBODY}`, claras, `chat${claras}`, messages.claras, `chat${messages.claras}`, clara.userId, 'crm5',
    'chat', 'CHAT1x',
  ];
  return values.map((value) => ({ what: `the id ${value}`, json: JSON.stringify(value), form: `P=${value}` }));
}

export function hostileValues(scene: Scene): Hostile[] {
  return [...NUMBERS, ...DIGITS, ...TEXTS, ...STRUCTURES, ...ENCODINGS, ...ids(scene)];
}
