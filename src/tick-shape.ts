/** Keeps `process.nextTick()` as quick as it is when a process begins. */
import { createHook } from 'node:async_hooks';

/** What Node puts into its queue of ticks: one of them, so that V8 never forgets what they look like. */
const kept: object[] = [];

/**
 * Ticks come from a literal with computed keys, of which V8 knows one shape. A collection that finds no tick in the queue
 * drops that shape, and from then on each tick is made by way of the runtime: 300 ns in place of 45, six times per call.
 */
export function keepTickShape(): void {
  const hook = createHook({
    init(_id, type, _trigger, resource) {
      if (type === 'TickObject') kept.push(resource);
    },
  });
  hook.enable();
  process.nextTick(() => {});
  hook.disable();
}
