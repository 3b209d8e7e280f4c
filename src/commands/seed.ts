import type { Command } from 'commander';
import { systemClock } from '../base/clock.ts';
import type { SeedSize } from '../demo/seed/plan.ts';
import { ensurePortal } from '../first-start.ts';
import { holdFolder } from '../portal/folder.ts';
import { CommandError, openStore } from '../portal/open-portal.ts';
import { configOf, type Flags, print, serverAddress, storeCommand } from './kit.ts';
import { progressBar } from './progress.ts';

const SIZES = [
  { flag: 'users', help: 'people beside the administrator', default: 100, least: 2, most: 1_000_000 },
  { flag: 'chats', help: 'chats, three of five private', default: 500, least: 1, most: 5_000_000 },
  { flag: 'messages', help: 'what people say in them, one in each at least', default: 20_000, least: 1, most: 50_000_000 },
  { flag: 'seed', help: 'the same number gives the same portal, but for its dates, which end now', default: 1, least: 0, most: 2 ** 31 },
] as const;

export function addSeedCommand(program: Command): void {
  const command = storeCommand(program, 'seed', 'fill an empty portal, made where there is none, with people, chats and messages');
  for (const { flag, help, default: fallback } of SIZES) command.option(`--${flag} <number>`, `${help} (default ${fallback})`);
  command.option('--files [address]', 'some files too, beside the messages: in the data folder, or at an s3://… address as for the server');
  command.action(seed);
}

/** One file for so many messages. */
const MESSAGES_PER_FILE = 1000;

async function seed({ files: place, ...options }: Flags & Record<string, string | boolean | undefined>): Promise<void> {
  const config = configOf(typeof place === 'string' ? { ...options, files: place } : options);
  const size = sizeOf(options);
  const wanted = place === undefined ? 0 : Math.ceil(size.messages / MESSAGES_PER_FILE);
  const [{ NotEmpty, seedPortal }, { seedFiles }, { openBlobs }] = await Promise.all([import('../demo/seed/seeder.ts'), import('../demo/seed/files.ts'), import('../blobs/open-blobs.ts')]);
  // No server runs meanwhile: it would answer out of what it had seen.
  using folder = holdFolder(config.data, serverAddress(config));
  const db = await openStore(config, folder.database, { onFailure: fail, onFault: fail });
  try {
    const clock = systemClock();
    await ensurePortal(db, clock, async () => {});
    folder.keep();
    const began = performance.now();
    const { watch } = await progressBar();
    const made = await seedPortal(db, clock, size, watch).catch((fault: unknown) => {
      throw fault instanceof NotEmpty ? new CommandError(fault.message) : fault;
    });
    await using blobs = await openBlobs({ ...config, data: folder.path });
    const files = await seedFiles(db, clock, blobs, { files: wanted, chats: made.chats, seed: size.seed }, watch);
    const seconds = Math.round(performance.now() - began) / 1000;
    print(config, { ...made, files, seed: size.seed, seconds }, `${made.users} people, ${made.chats} chats, ${made.messages} messages and ${files} files in ${seconds} seconds`);
  } finally {
    await db.close();
  }
}

/** @throws CommandError naming the flag */
function sizeOf(options: Record<string, string | boolean | undefined>): SeedSize {
  const [users, chats, messages, number] = SIZES.map(({ flag, default: fallback, least, most }) => {
    const value = Number(options[flag] ?? fallback);
    if (!Number.isSafeInteger(value) || value < least || value > most) throw new CommandError(`--${flag}: must be a whole number from ${least} to ${most}`);
    return value;
  }) as [number, number, number, number];
  if (messages < chats) throw new CommandError('--messages: must be as many as chats at least');
  return { users, chats, messages, seed: number };
}

function fail(fault: unknown): never {
  throw fault;
}
