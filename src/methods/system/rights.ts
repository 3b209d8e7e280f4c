/** What the caller may do, and to what the portal gives access. */
import { z } from 'zod';
import { hasExtendedOffline, type Policy, toPolicy } from '../../portal/policy.ts';
import { accessNames, standsForOneOf } from '../../messenger/people/access-codes.ts';
import { opens } from '../../rest/auth.ts';
import { error } from '../../rest/method.ts';
import { anything, requiredText, text } from '../../rest/params.ts';
import { argumentError } from '../../rest/request-error.ts';
import type { Value } from '../../rest/values.ts';
import { defineMethod } from '../app.ts';

const MOST_CODES = 1000;
const LONGEST_CODE = 100;

/** The features that there are codes for. */
const FEATURES: ReadonlyMap<string, (policy: Policy) => boolean> = new Map([
  ['rest_offline_extended', hasExtendedOffline],
  ['rest_auth_connector', () => true],
]);

const methodGet = defineMethod({
  name: 'method.get',
  scope: null,
  summary: 'Whether a method is there and whether the caller may use it',
  params: { NAME: text({ description: 'The method', max: LONGEST_CODE }) },
  example: { NAME: 'im.recent.get' },
  result: z.strictObject({ isExisting: z.boolean(), isAvailable: z.boolean() }),
  errors: {},
  async run({ context, caller, params }) {
    const name = params.NAME?.toLowerCase();
    const method = context.methods().find((candidate) => candidate.name.toLowerCase() === name);
    return { isExisting: method !== undefined, isAvailable: method !== undefined && opens(caller, method) };
  },
});

const featureGet = defineMethod({
  name: 'feature.get',
  scope: null,
  summary: 'Whether the portal has a feature',
  params: { CODE: requiredText({ description: 'The feature', max: LONGEST_CODE, error: 'CODE_EMPTY' }) },
  example: { CODE: 'rest_auth_connector' },
  result: z.strictObject({ value: z.enum(['Y', 'N']) }),
  errors: { CODE_EMPTY: error('CODE_EMPTY', 400, "CODE can't be empty") },
  async run({ context: { messenger: m }, params }) {
    const value = FEATURES.get(params.CODE.toLowerCase())?.(toPolicy((await m.settings()).values));
    return { value: value === true ? ('Y' as const) : ('N' as const) };
  },
});

const admin = defineMethod({
  name: 'user.admin',
  scope: null,
  summary: 'Whether the caller is an administrator',
  params: {},
  result: z.boolean(),
  errors: {},
  run: async ({ caller }) => caller.admin,
});

const accessParams = { ACCESS: anything({ description: 'Codes: U1 is user 1, D5 department 5, DR5 that and all below, SG17 workgroup 17 and SG17_A its owner, AU whoever is signed in, G2 everybody, G1 administrators' }) };

const access = defineMethod({
  name: 'user.access',
  scope: null,
  summary: 'Whether the caller has at least one of some rights; administrators have all',
  params: accessParams,
  example: { ACCESS: ['U1', 'AU'] },
  result: z.boolean(),
  errors: {},
  async run({ context, caller, params }) {
    const codes = toCodes(params.ACCESS);
    if (codes.length === 0) throw argumentError('ACCESS', 'is null or empty');
    return caller.admin || standsForOneOf(context.messenger, caller, codes);
  },
});

const accessName = defineMethod({
  name: 'access.name',
  scope: null,
  summary: 'Names of rights; unknown ones are left out',
  params: accessParams,
  example: { ACCESS: ['AU', 'U1'] },
  result: z.union([
    z.record(z.string(), z.strictObject({ provider: z.string(), name: z.string(), provider_id: z.string() })),
    z.array(z.never()).describe('None is known'),
    z.literal(false).describe('None was asked for'),
  ]),
  errors: {},
  async run({ context, caller, params }) {
    const codes = toCodes(params.ACCESS);
    if (codes.length === 0) return false;
    const named = await accessNames(context.messenger, caller, codes);
    const known = codes.flatMap((code) => (named.has(code) ? [[code, named.get(code)!] as const] : []));
    return known.length === 0 ? [] : Object.fromEntries(known);
  },
});

/** One code or a list of them. */
function toCodes(access: Value | undefined): string[] {
  if (access === undefined || access === null || access === '') return [];
  const codes = typeof access === 'object' ? Object.values(access) : [access];
  if (codes.length > MOST_CODES) throw argumentError('ACCESS', `has more than ${MOST_CODES} codes`);
  return codes.map((code) => {
    if (typeof code !== 'string' || code.length > LONGEST_CODE) throw argumentError('ACCESS', 'must be a code or a list of codes');
    return code.trim();
  });
}

export const rightsMethods = [methodGet, featureGet, admin, access, accessName];
