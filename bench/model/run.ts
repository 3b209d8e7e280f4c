/**
 * `npm run model [-- --users 100000 …] [--json]` predicts. `npm run model -- --check` fills portals of other sizes than the
 * coefficients were measured on and holds the prediction against them; `npm run model -- --measure` measures the coefficients anew.
 */
import { parseArgs } from 'node:util';
import { check } from './check.ts';
import { readCoefficients, writeCoefficients } from './coefficients.ts';
import { measureAll } from './measure-all.ts';
import type { Usage } from './model.ts';
import { report, reportJson } from './print.ts';
import { SCALES, USUAL, writePage } from './scales.ts';

const MEANING: Record<keyof Usage, string> = {
  users: 'people of the portal; without it 1k, 100k, 1M and 100M are shown',
  chats: 'chats that each is in',
  members: 'members of a chat on average',
  active: 'share of the people who are there on a day',
  messages: 'messages a day of each of those',
  reads: 'lists a day that each of those asks for',
  changed: 'share of these lists in which something has changed',
  text: 'bytes of a text',
  days: 'days for which messages are kept',
};

const names = Object.keys(MEANING) as Array<keyof Usage>;
const { values } = parseArgs({
  options: {
    ...Object.fromEntries(names.map((name) => [name, { type: 'string' as const }])),
    json: { type: 'boolean' }, check: { type: 'boolean' }, measure: { type: 'boolean' }, help: { type: 'boolean' },
  },
});
const given = values as Record<string, string | boolean | undefined>;

function usageFrom(users: number): Usage {
  const usage = { ...USUAL, users };
  for (const name of names) {
    const text = given[name];
    if (typeof text !== 'string') continue;
    const number = Number(text);
    if (!(number > 0)) throw new Error(`--${name}: "${text}" is not a number above 0`);
    usage[name] = number;
  }
  return usage;
}

if (given['help']) {
  process.stdout.write(`${names.map((name) => `--${name} <number>  ${MEANING[name]}${USUAL[name] ? `, ${USUAL[name]} unless given` : ''}`).join('\n')}\n--json  --check  --measure\n`);
} else if (given['measure']) {
  const coefficients = await measureAll();
  writeCoefficients(coefficients);
  writePage(coefficients);
} else if (given['check']) {
  process.exitCode = (await check(readCoefficients())) ? 0 : 1;
} else {
  const scales = (given['users'] === undefined ? SCALES.map(({ users }) => users) : [0]).map(usageFrom);
  process.stdout.write(given['json'] ? `${reportJson(scales, readCoefficients())}\n` : report(scales, readCoefficients()));
}
