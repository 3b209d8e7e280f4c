/** What a server does by itself, now and then: here at any step, and with what is due later due at once. */
import { KEPT_MS, trim } from '../../src/portal/trimming.ts';
import type { Node } from './nodes.ts';

/** Forgets whatever a client may still ask for: it is told to begin anew. Dates keep their meaning as long as they may be asked with. */
async function trimAll({ context, clock }: Node): Promise<void> {
  await trim(context.db, clock.now(), undefined, { ...KEPT_MS, journal: 0, tombstones: 0, ticksOfMinutes: 0, allTicks: 0, generations: 0 });
}

/** Moves what happened into the members' rows. */
function foldAll({ context }: Node): Promise<void> {
  return context.folding.foldAll();
}

export const BACKGROUND = { trim: trimAll, fold: foldAll } satisfies Record<string, (node: Node) => Promise<void>>;

export type BackgroundWork = keyof typeof BACKGROUND;
export const BACKGROUND_WORK = Object.keys(BACKGROUND) as BackgroundWork[];
