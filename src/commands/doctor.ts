import type { Command } from 'commander';
import { examineBlobs } from '../blobs/open-blobs.ts';
import type { Config } from '../config.ts';
import { examine, type Finding } from '../portal/doctor.ts';
import { configOf, FILE_STORE, type Flags, print, storeCommand, withSettings } from './kit.ts';

export function addDoctorCommand(program: Command): void {
  withSettings(storeCommand(program, 'doctor', 'check the installation'), FILE_STORE).action(doctor);
}

/** Prints what was found; the exit code is 1 when something needs mending. */
async function doctor(options: Flags): Promise<void> {
  const config = configOf(options);
  const findings = [...(await examine(config)), await fileStore(config)];
  const healthy = findings.every((finding) => finding.ok);
  const lines = findings.map(({ ok, what, detail }) => `${ok ? 'ok     ' : 'PROBLEM'} ${what}: ${detail}`);
  print(config, { healthy, findings }, lines.join('\n'));
  if (!healthy) process.exitCode = 1;
}

/** Whether the files of chats can be reached. */
async function fileStore(config: Config): Promise<Finding> {
  const what = 'file store';
  return examineBlobs(config).then((detail) => ({ what, ok: true, detail }), (fault: unknown) => ({ what, ok: false, detail: (fault as Error).message }));
}
