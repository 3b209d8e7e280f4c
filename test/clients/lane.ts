/** Runs one real client in one mode: a script of its own language does the steps, the checks here judge what came of them. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ClientPortal } from './portal.ts';

/** What a step of a script came to: a value, or the code or class of the error that the client raised. */
export type Outcome = { value: unknown } | { error: string; text: string };

/** What a script prints as its last line. */
export interface Report {
  client: string;
  version: string;
  steps: Record<string, Outcome>;
}

export type Check = (outcome: Outcome, portal: ClientPortal) => void | Promise<void>;

export interface Lane {
  /** How the client gets in and over what, such as `webhook over HTTPS`. */
  mode: string;
  /** Prepares the portal and runs the script. */
  start(portal: ClientPortal): Promise<Report>;
  /** By the name of the step. */
  checks: Record<string, Check>;
}

/** One test for each step. Prints the client, its version and the steps that passed. */
export function clientLane(title: string, { mode, start, checks }: Lane): void {
  describe(`${title}, ${mode}`, () => {
    const passed: string[] = [];
    let portal: ClientPortal;
    let report: Report = { client: title, version: '(did not run)', steps: {} };

    beforeAll(async () => {
      portal = await ClientPortal.start();
      report = await start(portal);
    });
    afterAll(async () => {
      process.stdout.write(`  ${report.client} ${report.version}, ${mode}: ${passed.length} of ${Object.keys(checks).length} passed: ${passed.join(', ')}\n`);
      await portal[Symbol.asyncDispose]();
    });

    test.each(Object.keys(checks))('%s', async (name) => {
      await checks[name]!(report.steps[name] ?? { error: 'MISSING', text: 'the script has no such step' }, portal);
      passed.push(name);
    });
    test('every step of the script is checked', () => {
      expect(Object.keys(report.steps).sort()).toEqual(Object.keys(checks).sort());
    });
  });
}

const SCRIPTS = join(import.meta.dirname, 'scripts');
const LONGEST_RUN_MS = 120_000;

/** Runs a script with `input` as JSON in `CLIENT_INPUT`. @throws Error with its output when it fails */
export async function runScript(program: string, script: string, input: object, env: Record<string, string> = {}): Promise<Report> {
  const { code, stdout, stderr } = await runProgram(program, [join(SCRIPTS, script)], { PYTHONDONTWRITEBYTECODE: '1', ...env, CLIENT_INPUT: JSON.stringify(input) });
  const line = stdout.trim().split('\n').at(-1)!;
  if (code !== 0 || !line.startsWith('{')) throw new Error(`${script} ended with ${code}:\n${stdout}\n${stderr}`);
  return JSON.parse(line) as Report;
}

export interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

export async function runProgram(program: string, args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'], timeout: LONGEST_RUN_MS });
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (data: Buffer) => (output.stdout += String(data)));
  child.stderr.on('data', (data: Buffer) => (output.stderr += String(data)));
  const [code] = (await once(child, 'close')) as [number];
  return { code, ...output };
}
