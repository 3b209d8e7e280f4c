/** `tidemark import --from <webhook>`: what the owner of a webhook sees at another portal comes here. */
import type { Command } from 'commander';
import { Zone } from '../base/dates.ts';
import type { Config } from '../config.ts';
import { IntakeFault } from '../intake/fault.ts';
import { type Result, takeIn } from '../intake/intake.ts';
import { Source } from '../intake/source.ts';
import { createMessenger } from '../messenger/messenger.ts';
import { findUser } from '../db/stores/user-store.ts';
import { parseWebhook } from '../reference/webhook-address.ts';
import { CommandError, onPortal } from '../portal/open-portal.ts';
import { print, userIdOf } from './kit.ts';
import { progressBar } from './progress.ts';

export interface PortalImportFlags {
  as?: string | undefined;
  chats?: string | undefined;
  messages?: string | undefined;
  since?: string | undefined;
}

const USUAL = { chats: 1000, messages: 200 };
const MOST = { chats: 100_000, messages: 1_000_000 };

export const PORTAL_OPTIONS = ['as', 'chats', 'messages', 'since'] as const;

/** The options of `import` that are about another portal. */
export function portalImportOptions(command: Command): Command {
  return command
    .option('--as <user>', 'with a webhook: who its owner is here: a number; without it whoever has the same address, or somebody new')
    .option('--chats <number>', `with a webhook: chats of the list at most, from its top (default ${USUAL.chats})`)
    .option('--messages <number>', `with a webhook: messages of each chat at most, the last ones (default ${USUAL.messages}); of a chat that came before, all newer ones`)
    .option('--since <date>', 'with a webhook: nothing from before this date, such as 2026-01-31');
}

/** Whether what is imported from is an address of a portal, and no file. */
export function isPortalAddress(from: string): boolean {
  return /^https?:\/\//i.test(from.trim());
}

/** @param files whether they come too @throws CommandError */
export async function importFromPortal(from: string, config: Config, flags: PortalImportFlags, files: boolean): Promise<void> {
  const webhook = parseWebhook(from);
  if (!webhook?.origin) throw new CommandError('--from: this is not the address of a webhook, as https://portal.example/rest/1/code/');
  const as = flags.as === undefined ? undefined : userIdOf('--as', flags.as);
  const [chats, messages] = [countOf('chats', flags.chats), countOf('messages', flags.messages)];
  const since = dateOf(flags.since);
  const bar = await progressBar();
  const source = new Source(new URL(`${webhook.origin}/rest/${webhook.user}/${webhook.code}/`), { waiting: bar.waiting });
  const result = await onPortal(config, async (db, clock) => {
    if (as !== undefined && !(await db.read((s) => findUser(s, as)))) throw new CommandError(`--as: there is no user ${as}`);
    const m = createMessenger(db, clock);
    await m.settings();
    const { openBlobs } = await import('../blobs/open-blobs.ts');
    await using blobs = files ? await openBlobs(config) : undefined;
    return takeIn(m, source, { as, chats, messages, since, blobs, watch: bar.watch });
  }).catch((fault: unknown) => {
    throw fault instanceof IntakeFault ? new CommandError(`import: ${fault.message}`) : fault;
  }).finally(() => bar.stop());
  print(config, result, inWords(result));
}

function inWords({ users, chats, messages, files, owner, left }: Result): string {
  const come = `${users} people, ${chats} chats, ${messages} messages and ${files} files are new; the owner of the webhook is user ${owner} here`;
  return left.length === 0 ? come : `${come}\nLeft out:\n${left.map((what) => `  ${what}`).join('\n')}`;
}

/** @throws CommandError naming the flag */
function countOf(flag: 'chats' | 'messages', given: string | undefined): number {
  const value = Number(given ?? USUAL[flag]);
  if (!Number.isSafeInteger(value) || value < 1 || value > MOST[flag]) throw new CommandError(`--${flag}: must be a whole number from 1 to ${MOST[flag]}`);
  return value;
}

/** @throws CommandError */
function dateOf(given: string | undefined): number {
  if (given === undefined) return 0;
  const instant = new Zone('UTC').parse(given);
  if (instant === undefined) throw new CommandError(`--since: "${given}" is not a date`);
  return instant;
}
