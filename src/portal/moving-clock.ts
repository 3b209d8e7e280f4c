/** The portal's clock where it may be moved: what `tidemark clock` has said, for all nodes. */
import type { Clock } from '../base/clock.ts';
import { MovableClock, type Moved, UNMOVED } from '../base/movable-clock.ts';
import type { Session, WriteSession } from '../db/database.ts';
import { lockPortal, readSettings, writeSetting } from '../db/stores/portal-store.ts';
import { POLICY_KEYS } from './policy.ts';

const KEYS = { offset: 'clock_offset', passed: 'clock_passed' } as const;
/** A century: dates stay dates. */
const FARTHEST_MS = 36_525 * 86_400_000;

/** How far the portal's clock is from the machine's; not at all unless the portal allows it. */
export function movedBy(settings: ReadonlyMap<string, string>): Moved {
  if (settings.get(POLICY_KEYS.movableClock) !== '1') return UNMOVED;
  return { offset: Number(settings.get(KEYS.offset) ?? 0), passed: Number(settings.get(KEYS.passed) ?? 0) };
}

export type Move = { advance: number } | { set: number } | 'release';

/** Why a clock stays as it is. */
export type Unmovable = 'not allowed' | 'too far';

/** Moves it for all nodes, each of which follows as soon as it notices. */
export async function moveClock(s: WriteSession, real: Clock, move: Move): Promise<Moved | Unmovable> {
  await lockPortal(s);
  const settings = await readSettings(s);
  if (settings.get(POLICY_KEYS.movableClock) !== '1') return 'not allowed';
  const moved = moveOf(movedBy(settings), real.now(), move);
  if (Math.abs(moved.offset) > FARTHEST_MS || moved.passed > FARTHEST_MS) return 'too far';
  await writeSetting(s, KEYS.offset, String(moved.offset));
  await writeSetting(s, KEYS.passed, String(moved.passed));
  return moved;
}

/** Where time passes, it passes for limits and durations too; where the clock is set, no time passes. */
function moveOf({ offset, passed }: Moved, now: number, move: Move): Moved {
  if (move === 'release') return { offset: 0, passed };
  return 'advance' in move ? { offset: offset + move.advance, passed: passed + move.advance } : { offset: move.set - now, passed };
}

/** The clock by which a command dates what it writes. */
export async function portalClock(s: Session, real: Clock): Promise<MovableClock> {
  const clock = new MovableClock(real);
  clock.follow(movedBy(await readSettings(s)));
  return clock;
}
