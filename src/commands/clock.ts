import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { durationText, type Moved, parseDuration } from '../base/movable-clock.ts';
import { COMMAND } from '../base/program.ts';
import { CLOCK_HEADER, saidOffset } from '../clock-said.ts';
import type { Config } from '../config.ts';
import { readSettings } from '../db/stores/portal-store.ts';
import { readServerNote } from '../portal/folder.ts';
import { type Move, moveClock, movedBy } from '../portal/moving-clock.ts';
import { CommandError, onPortal } from '../portal/open-portal.ts';
import { configOf, type Flags, print, storeCommand } from './kit.ts';

/** How long a server that runs may take to follow, milliseconds. */
const PATIENCE_MS = 5000;
const PAUSE_MS = 20;

export function addClockCommands(program: Command): void {
  const clock = program.command('clock').description('move the clock of a portal that allows it (portal set --movable-clock), to test what takes long');
  storeCommand(clock, 'show', 'how far it is from the machine\'s').action((flags: Flags) => show(configOf(flags)));
  storeCommand(clock, 'advance', 'let time pass, for everything that is due, expires or is limited')
    .argument('<duration>', 'such as 90s, 2h, 31d or 1d12h')
    .action((text: string, flags: Flags) => move(configOf(flags), { advance: durationOf(text) }));
  storeCommand(clock, 'set', 'set the time of day, as somebody sets a machine\'s: no time passes')
    .argument('<date>', 'such as 2030-01-31T10:00:00Z')
    .action((text: string, flags: Flags) => move(configOf(flags), { set: dateOf(text) }));
  storeCommand(clock, 'release', 'back to the machine\'s; what was written meanwhile keeps its dates').action((flags: Flags) => move(configOf(flags), 'release'));
}

async function show(config: Config): Promise<void> {
  tell(config, await onPortal(config, async (db) => movedBy(await db.read(readSettings))));
}

async function move(config: Config, wanted: Move): Promise<void> {
  const moved = await onPortal(config, (db, clock) => db.write((s) => moveClock(s, clock.real, wanted)));
  if (moved === 'not allowed') throw new CommandError(`the portal does not allow it: ${COMMAND} portal set --movable-clock`);
  if (moved === 'too far') throw new CommandError('the clock cannot be moved by more than a century');
  await followed(config, moved);
  tell(config, moved);
}

/** Where a server runs on the data folder, it goes by the new time before the command ends; other nodes within a second. */
async function followed({ data }: Config, { offset }: Moved): Promise<void> {
  const http = readServerNote(data)?.http;
  const wanted = offset === 0 ? null : saidOffset(offset);
  for (const giveUpAt = performance.now() + PATIENCE_MS; http !== undefined && performance.now() < giveUpAt; await sleep(PAUSE_MS)) {
    const answer = await fetch(`${http}/readyz`).catch(() => undefined);
    if (!answer || answer.headers.get(CLOCK_HEADER) === wanted) return;
  }
}

function tell(config: Config, { offset }: Moved): void {
  const now = new Date(Date.now() + offset).toISOString();
  const where = offset === 0 ? 'as the machine\'s' : `${durationText(Math.abs(offset))} ${offset > 0 ? 'ahead' : 'behind'}`;
  print(config, { now, offset: offset / 1000 }, `${now}, ${where}`);
}

function durationOf(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined || ms === 0) throw new CommandError(`clock advance: "${text}" is not a duration such as 90s, 2h, 31d or 1d12h`);
  return ms;
}

function dateOf(text: string): number {
  const date = Date.parse(text);
  if (Number.isNaN(date)) throw new CommandError(`clock set: "${text}" is not a date such as 2030-01-31T10:00:00Z`);
  return date;
}
