/** Asks two portals the same and says how their answers differ, without anything that is in them. */
import type { JsonSchema } from '../reference/json-schema.ts';
import type { Reference } from '../reference/reference.ts';
import { compareShapes, type Place } from './differences.ts';
import { Findings } from './findings.ts';
import { type Declarations, Known } from './known.ts';
import { ComparisonError, type Outcome, Portal } from './portal.ts';
import { type Probe, PROBES } from './probes.ts';
import { mergeAll, type Shape, shapeOf } from './shape.ts';

/** Something at a place of a method's answers; without a path it is the answer as a whole. */
export interface Finding extends Place {
  method: string;
  /** Which calls of the method; empty for the plain one. */
  what: string;
}

export interface Comparison {
  /** Of how many methods answers could be compared. */
  methods: number;
  calls: { here: number; there: number };
  differences: Finding[];
  /** Where one of the portals has nothing to compare with, or does not let us look. */
  incomparable: Finding[];
}

export interface Comparing {
  reference: Reference;
  /** Addresses of the webhooks, with a slash at the end. */
  here: string;
  there: string;
  /** Told of how many kinds of calls so many are done. What it throws ends the comparison. */
  watch?: (done: number, all: number) => void;
}

/** The calls of the methods that one of the names is, or begins where it ends in `*`. */
export function probesOf(names: readonly string[]): Probe[] {
  const wanted = names.map((name) => name.toLowerCase());
  return PROBES.filter(({ method }) => wanted.some((name) => (name.endsWith('*') ? method.toLowerCase().startsWith(name.slice(0, -1)) : method.toLowerCase() === name)));
}

/** @throws ComparisonError when one of the portals cannot be asked at all */
export async function comparePortals({ reference, here: mine, there: others, watch }: Comparing, probes: readonly Probe[] = PROBES): Promise<Comparison> {
  const [here, there] = [new Portal('here', mine), new Portal('there', others)];
  await Promise.all([here, there].map(letIn));
  const reader = new Reader(reference);
  const found: Comparison = { methods: 0, calls: { here: 0, there: 0 }, differences: [], incomparable: [] };
  const sides = [here, there].map((portal) => ({ portal, findings: new Findings(portal) }));
  const compared = new Set<string>();
  for (const [at, probe] of probes.entries()) {
    watch?.(at, probes.length);
    const [ours, theirs] = (await Promise.all(sides.map(({ portal, findings }) => ask(portal, findings, probe)))) as [Outcome[], Outcome[]];
    if (reader.compare(probe, ours, theirs, found)) compared.add(probe.method);
  }
  watch?.(probes.length, probes.length);
  return { ...found, methods: compared.size, calls: { here: here.calls, there: there.calls } };
}

/** @throws ComparisonError */
async function letIn(portal: Portal): Promise<void> {
  const { status, code, body } = await portal.call('profile');
  if (body === undefined || typeof body !== 'object') throw new ComparisonError(`what answers ${portal.side} is no portal: ${status}, and no JSON`);
  if (code !== undefined || status !== 200) throw new ComparisonError(`the portal ${portal.side} refuses the webhook: ${status} ${codeShown(code ?? '')}`.trimEnd());
}

async function ask(portal: Portal, findings: Findings, probe: Probe): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const params of await probe.params(findings)) outcomes.push(await portal.call(probe.method, params));
  return outcomes;
}

const CODE = /^(?:[A-Z]+(?:_[A-Z]+)*|[a-z]+(?:_[a-z]+)+|\d{1,3})$/;
const TYPE = /^(?:application|text)\/[a-z]{1,20}$/;
/** The webhook may not do it, or the portal does not let it: nothing is learnt about the method. */
const REFUSED = new Set(['insufficient_scope', 'expired_token', 'OVERLOAD_LIMIT', 'ACCESS_DENIED', 'user_access_error', 'authorization_error']);

function codeShown(code: string): string {
  return code.length <= 60 && CODE.test(code) ? code : 'a code of its own';
}

/** Status, error and type of an answer. */
function headOf({ status, code, type, body }: Outcome): string {
  const kind = body === undefined ? ' no JSON' : type === 'application/json' ? '' : ` as ${TYPE.test(type) ? type : 'another type'}`;
  return `${status}${code === undefined ? '' : ` ${codeShown(code)}`}${kind}`;
}

function isRefused({ code }: Outcome): boolean {
  return REFUSED.has(code ?? '');
}

/** What is told of all answers, and by what they are compared: two codes may differ that cannot be told apart. */
function headsOf(outcomes: readonly Outcome[], { needs }: Probe): { told: string; whole: string } {
  if (outcomes.length === 0) return { told: `no ${needs}`, whole: '' };
  const list = (texts: readonly string[]) => [...new Set(texts)].sort().join(', ');
  return { told: list(outcomes.map(headOf)), whole: list(outcomes.map((one) => `${headOf(one)} ${one.code ?? ''} ${one.type}`)) };
}

const SECONDS: JsonSchema = { type: 'number' };
const DATE: JsonSchema = { type: 'string', format: 'date-time' };
const TIME = {
  start: SECONDS, finish: SECONDS, duration: SECONDS, processing: SECONDS, date_start: DATE, date_finish: DATE, operating_reset_at: { type: 'integer' }, operating: SECONDS,
};
const time: JsonSchema = { type: 'object', properties: TIME, required: Object.keys(TIME) };
/** Where a list stands in pages both say how long it is; whether there is a next page depends on that. */
const answerOf = (result: JsonSchema): JsonSchema => ({
  type: 'object', properties: { result, total: { type: 'integer' }, next: { type: 'integer' }, time }, required: ['result', 'total', 'time'],
});
const ERROR: JsonSchema = {
  type: 'object',
  properties: { error: { type: 'string' }, error_description: { type: 'string' }, argument: { type: 'string' } },
  required: ['error', 'error_description', 'argument'],
};

class Reader {
  readonly #reference: Reference;
  readonly #fields: ReadonlySet<string>;

  constructor(reference: Reference) {
    this.#reference = reference;
    this.#fields = new Set(reference.methods.flatMap(({ params }) => params.map(({ name }) => name.toUpperCase())));
  }

  /** Adds what it finds. @returns whether there was something to compare */
  compare(probe: Probe, here: readonly Outcome[], there: readonly Outcome[], found: Comparison): boolean {
    const [mine, others] = [headsOf(here, probe), headsOf(there, probe)];
    const heads: Finding = { method: probe.method, what: probe.what ?? '', path: '', here: mine.told, there: others.told };
    if ([here, there].some((outcomes) => outcomes.length === 0 || (!probe.wrong && outcomes.every(isRefused)))) {
      found.incomparable.push(heads);
      return false;
    }
    if (mine.whole !== others.whole) found.differences.push(heads);
    for (const failed of [false, true]) this.#compareBodies(probe, failed, [here, there], found);
    return true;
  }

  /** Those of the calls that succeeded, or of those that failed. */
  #compareBodies(probe: Probe, failed: boolean, sides: ReadonlyArray<readonly Outcome[]>, found: Comparison): void {
    const known = Known.of(failed ? ERROR : answerOf(this.#reference.find(probe.method)?.result ?? {}), this.#declarations(probe));
    const bodies = sides.map((outcomes) => outcomes.filter(({ code, body }) => body !== undefined && (code !== undefined) === failed));
    if (bodies.some((outcomes) => outcomes.length === 0)) return;
    const [here, there] = bodies.map((outcomes) => mergeAll(outcomes.map(({ body }) => shapeOf(body, known)))) as [Shape, Shape];
    const { differences, incomparable } = compareShapes(here, there, known);
    const placed = (place: Place): Finding => ({ method: probe.method, what: probe.what ?? '', ...place });
    found.differences.push(...differences.map(placed));
    found.incomparable.push(...incomparable.map(placed));
  }

  #declarations({ always }: Probe): Declarations {
    return { named: this.#reference.named, fields: this.#fields, always };
  }
}
