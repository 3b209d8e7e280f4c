/** What servers do by themselves, now and then: here at any step, and with what is due later due at once. */
import { KEPT_MS, trim } from '../../src/portal/trimming.ts';
import type { Node } from './nodes.ts';
import type { Scene } from './scene.ts';

/**
 * Forgets whatever a client may still ask for: it is told to begin anew. Dates and pages keep their meaning as long as they
 * may be asked with. Kept lists are used more often than tombstones are trimmed, or read anew: so they are used before, while
 * nobody writes, and what is written meanwhile is left.
 */
async function trimAll(scene: Scene, { context }: Node): Promise<void> {
  const now = Math.min(...scene.portal.nodes.map(({ clock }) => clock.now()));
  for (const node of scene.portal.nodes) {
    for (const person of scene.people) await scene.call(node, person, 'im.recent.get', {});
  }
  await trim(context.db, now, undefined, { ...KEPT_MS, journal: 0, tombstones: 0, ticksOfMinutes: 0, allTicks: 0, generations: 0, walks: KEPT_MS.ticks });
}

/** Moves what happened into the members' rows. */
function foldAll(_scene: Scene, { context }: Node): Promise<void> {
  return context.folding.foldAll();
}

export const BACKGROUND = { trim: trimAll, fold: foldAll } satisfies Record<string, (scene: Scene, node: Node) => Promise<void>>;

export type BackgroundWork = keyof typeof BACKGROUND;
export const BACKGROUND_WORK = Object.keys(BACKGROUND) as BackgroundWork[];
