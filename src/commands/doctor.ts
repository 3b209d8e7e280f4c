import type { Command } from 'commander';
import { examine } from '../portal/doctor.ts';
import { configOf, type Flags, print, storeCommand } from './kit.ts';

export function addDoctorCommand(program: Command): void {
  storeCommand(program, 'doctor', 'check the installation').action(doctor);
}

/** Prints what was found; the exit code is 1 when something needs mending. */
async function doctor(options: Flags): Promise<void> {
  const config = configOf(options);
  const findings = await examine(config);
  const healthy = findings.every((finding) => finding.ok);
  const lines = findings.map(({ ok, what, detail }) => `${ok ? 'ok     ' : 'PROBLEM'} ${what}: ${detail}`);
  print(config, { healthy, findings }, lines.join('\n'));
  if (!healthy) process.exitCode = 1;
}
