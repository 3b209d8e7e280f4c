/**
 * No regular expression of the sources, and none of the readers of callers' text, takes more than linear time: each is
 * given long texts made of what it looks for, over and over, and must be done in what a linear one needs at most.
 */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Zone } from '../../src/base/dates.ts';
import { mentionedUserIds, plainText, storedText } from '../../src/messenger/views/markup.ts';
import { parseAddress } from '../../src/rest/address.ts';
import { findCredentials } from '../../src/rest/auth.ts';
import { decodeText } from '../../src/rest/json.ts';
import { parsePhpQuery } from '../../src/rest/php-query.ts';
import { ReferenceBudget, resolveReferences } from '../../src/rest/batch/references.ts';
import { toXml } from '../../src/rest/xml.ts';
import { parseWebhook } from '../../src/reference/webhook-address.ts';

const ROOT = join(import.meta.dirname, '..', '..', 'src');
/** UTF-16 units. A quadratic search takes a second or more for it, a linear one less than a millisecond. */
const LENGTH = 60_000;
const LONGEST_MS = 130;

/** Regular expressions as they are written in the sources, by where they stand. */
const LITERAL = /(?:[=(,:[!&|?{};]\s*|return |^\s*)\/(?![*/])((?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+)\/([dgimsuvy]*)(?=[\s.,;)\]])/gm;
const found = globSync('**/*.ts', { cwd: ROOT }).flatMap((file) =>
  Array.from(readFileSync(join(ROOT, file), 'utf8').replaceAll(/^\s*(?:\*|\/\/|\/\*).*$/gm, '').matchAll(LITERAL), ([, source = '', flags = '']) => [`${file}: /${source}/${flags}`, new RegExp(source, flags)] as const),
);

/** Pieces of what an expression looks for: the beginnings of texts that it matches. */
function pumps(expression: RegExp): string[] {
  const general = ['a', '0', ' ', '[', ']', '/', '-', '"', '\\', '.', '=', '$', 'é', '\n', '_', '{', 'a ', 'a-', '[a', '"\\'];
  const matching = stringsMatching(expression).flatMap((text) => Array.from({ length: Math.min(text.length, 12) }, (_, i) => text.slice(0, i + 1)));
  return [...new Set([...general, ...matching])];
}

function stringsMatching(expression: RegExp): string[] {
  const sample = () => fc.sample(fc.stringMatching(new RegExp(expression.source, expression.flags.replaceAll(/[giy]/g, ''))), { numRuns: 5, seed: 7 });
  try {
    return runInNewContext('sample()', { sample }, { timeout: 1000 }) as string[];
  } catch {
    // What fast-check has no strings for, or looks for without an end, is given the general ones.
    return [];
  }
}

const ENDS = ['', '!', '\n', ']', ' '];

function texts(pump: string): string[] {
  const long = pump.repeat(Math.ceil(LENGTH / pump.length));
  return ENDS.flatMap((end) => [long + end, `a${long}${end}`]);
}

/** Milliseconds of this thread's processor time, in the best of some runs: the machine has other things to do. */
async function timeOf(work: () => unknown, runs = 4): Promise<number> {
  let best = Infinity;
  for (let again = 0; again < runs && best > LONGEST_MS; again += 1) {
    const began = process.threadCpuUsage();
    await work();
    const { user, system } = process.threadCpuUsage(began);
    best = Math.min(best, (user + system) / 1000);
  }
  return best;
}

/** Finds whatever it finds: all of it when it is global. */
function search(expression: RegExp, text: string): void {
  expression.lastIndex = 0;
  text.replace(expression, '');
}

test('there are regular expressions to look at', () => {
  expect(found.length).toBeGreaterThan(60);
});

test('a quadratic one would be noticed', async () => {
  const quadratic = /\$(result|error)(\[[^\]\s]*\]\S*)/gi;
  const pump = pumps(quadratic).find((text) => text.length > 1 && text.startsWith('$') && text.endsWith('['))!;
  const slowest = await timeOf(() => search(quadratic, pump.repeat(Math.ceil(LENGTH / pump.length))), 1);
  expect(slowest).toBeGreaterThan(LONGEST_MS);
});

describe.each(found)('%s', (_, expression) => {
  test('is linear', async () => {
    for (const pump of pumps(expression)) {
      const times = [];
      for (const text of texts(pump)) times.push(await timeOf(() => search(expression, text)));
      expect(Math.max(...times), JSON.stringify(pump)).toBeLessThan(LONGEST_MS);
    }
  });
});

const zone = new Zone('Europe/Berlin');
const nothing = { of: () => undefined, all: () => [] };
const READERS: Record<string, (text: string) => unknown> = {
  'references of a batch': (text) => resolveReferences({ a: text, b: [text] }, nothing, new ReferenceBudget()),
  'a query': (text) => parsePhpQuery(Buffer.from(text)),
  'JSON in text': (text) => decodeText(text, 'A'),
  'an address': parseAddress,
  'credentials': (text) => findCredentials({ method: 'x', format: 'json' }, {}, { authorization: text }),
  'a date': (text) => zone.parse(text),
  'a text that is stored': storedText,
  'a text that is shown': (text) => plainText(text.slice(0, 20_000), { attach: text.slice(0, 20_000), file: false, userName: () => 'x' }),
  'mentions': (text) => mentionedUserIds(text.slice(0, 20_000)),
  'the address of a webhook': parseWebhook,
  'XML': (text) => toXml({ status: 200, body: [JSON.stringify({ [text]: text })] }),
};
const PUMPS = [
  'a', '0', ' ', '[', ']', '[]', '[a]', '[a', '%', '%4', '%41', '&', '&a', '&a[]=', '=', '+', '/', '//', '{', '{"a":', '[1,', '"', '"\\', '\\', '$', '$result', '$result[', '$result[a]', '$result[a] ', '$result[[a]',
  '-', '------------------------------------------------------\n', '[b]', '[/b]', '[url=', '[url=a]', '[user=1]', '[code]', '[/code]', '[icon= title=', '[list][*]', '[quote=', '[img ', '#BR#', '[br', '\r\n', 'Bearer ', '2026-', '<', '&amp;', 'é', '\ud83c\udf0a',
];

describe.each(Object.entries(READERS))('reading %s', (_, read) => {
  test.each(PUMPS)('%j over and over', async (pump) => {
    for (const text of texts(pump)) {
      const time = await timeOf(async () => {
        try {
          await read(text);
        } catch {
          // That it is refused is as good.
        }
      });
      expect(time).toBeLessThan(LONGEST_MS);
    }
  });
});

/** As long as a request may be: what searches natively is so fast that shorter texts show nothing. */
const LONGEST_REQUEST = 2_000_000;

test.each(PUMPS.filter((pump) => pump.includes('$')))('references in a request as long as may be: %j over and over', async (pump) => {
  for (const end of ['', ' ', ']']) {
    const text = pump.repeat(LONGEST_REQUEST / pump.length) + end;
    const time = await timeOf(() => {
      try {
        resolveReferences({ a: text }, nothing, new ReferenceBudget());
      } catch (error) {
        expect(error).toMatchObject({ code: 'ERROR_ARGUMENT' });
      }
    });
    expect(time).toBeLessThan(4 * LONGEST_MS);
  }
});
