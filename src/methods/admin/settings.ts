/** Plan and switches: what `tidemark portal set` sets. */
import { z } from 'zod';
import { findSwitch, setSwitches, storedValue, type Switch, SWITCHES } from '../../portal/switches.ts';
import { structure } from '../../rest/params.ts';
import { argumentError } from '../../rest/request-error.ts';
import type { Value } from '../../rest/values.ts';
import { adminMethod } from './kit.ts';

const get = adminMethod({
  name: 'tidemark.settings.get',
  summary: 'What can be set on the portal, and what is',
  params: {},
  result: z.array(z.strictObject({
    name: z.string(), kind: z.enum(['switch', 'choice', 'text']), description: z.string(),
    value: z.string().describe('Y or N for a switch; empty where nothing is set'),
    usual: z.string().describe('What it is where nothing is set; empty where that depends'),
    unit: z.string().describe('What the value is: seconds, MB, address; empty for a switch'), options: z.array(z.string()),
  })),
  errors: {},
  async run({ context: { messenger: m } }) {
    const { values } = await m.settings();
    return SWITCHES.map((setting) => view(setting, values.get(setting.key)));
  },
});

function view({ flag, value, help, options = [], usual = '' }: Switch, stored: string | undefined) {
  const shown = (text: string) => (value === undefined ? (text === '1' ? 'Y' : 'N') : text);
  return {
    name: flag, kind: value === undefined ? ('switch' as const) : options.length > 0 ? ('choice' as const) : ('text' as const), description: help,
    value: stored === undefined ? '' : shown(stored), usual: value === undefined && flag === 'calls' ? '' : shown(usual), unit: value ?? '', options: [...options],
  };
}

const set = adminMethod({
  name: 'tidemark.settings.set',
  summary: 'Sets all that is given, or none of it; it holds at once, on all nodes',
  params: { SETTINGS: structure({ description: 'Values by name, such as {"plan": "standard", "rehearsals": "Y"}' }) },
  example: { SETTINGS: { plan: 'standard', rehearsals: 'Y' } },
  result: z.literal(true),
  errors: {},
  within: 'SETTINGS',
  async run({ context: { messenger: m }, params }) {
    await setSwitches(m.db, changesIn(params.SETTINGS));
    return true as const;
  },
});

/** By key, as they are stored. @throws RequestError or FieldError */
function changesIn(given: Value | undefined): Map<string, string> {
  const named = typeof given === 'object' && given !== null && !Array.isArray(given) ? Object.entries(given) : [];
  if (named.length === 0 || named.length > SWITCHES.length) throw argumentError('SETTINGS', 'must be a map of values by name');
  return new Map(named.map(([name, value]) => {
    const setting = findSwitch(name);
    if (!setting) throw argumentError('SETTINGS', `names ${name.slice(0, 80).toWellFormed()}, which there is not`);
    return [setting.key, valueOf(setting, value)];
  }));
}

function valueOf(setting: Switch, value: Value): string {
  const scalar = typeof value === 'string' || typeof value === 'boolean' ? value : typeof value === 'number' ? String(value) : undefined;
  if (scalar === undefined || (typeof scalar === 'string' && (scalar.length > 1000 || scalar.includes('\0')))) throw argumentError(`SETTINGS[${setting.flag}]`, 'must be a short text, a number, Y or N');
  return storedValue(setting, scalar);
}

export const settingMethods = [get, set];
