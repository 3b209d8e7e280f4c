/** Which rows of a long list stand in the document: those that are seen, some beyond, and the one with the keyboard's attention. */

/** Rows beyond each edge. */
const BEYOND = 6;

export interface Span {
  from: number;
  /** Exclusive. */
  to: number;
}

/** @param beyond rows beyond each edge */
export function spanOf(scrollTop: number, viewport: number, rowHeight: number, count: number, beyond = BEYOND): Span {
  const first = Math.floor(scrollTop / rowHeight);
  const last = Math.ceil((scrollTop + viewport) / rowHeight);
  return { from: Math.max(0, Math.min(first, count) - beyond), to: Math.min(count, last + beyond) };
}

/** Indexes of the span, and of a row outside of it that has to stay: without it focus would be lost. */
export function indexesOf({ from, to }: Span, kept: number): number[] {
  const indexes = Array.from({ length: Math.max(0, to - from) }, (_, at) => from + at);
  if (kept >= 0 && kept < from) return [kept, ...indexes];
  return kept >= to ? [...indexes, kept] : indexes;
}

/**
 * Where a list has to be scrolled to so that what was seen stays where it was, though rows above have come or gone.
 *
 * @param moved rows that have gone elsewhere themselves
 */
export function keptPlace(before: readonly string[], after: readonly string[], scrollTop: number, rowHeight: number, moved: ReadonlySet<string>): number {
  const first = Math.floor(scrollTop / rowHeight);
  for (let at = first; at < before.length && at < first + 50; at += 1) {
    const id = before[at]!;
    if (moved.has(id)) continue;
    const now = indexNear(after, id, at);
    if (now >= 0) return scrollTop + (now - at) * rowHeight;
  }
  return scrollTop;
}

/** Rows rarely go far: it is looked for around where it was. */
function indexNear(ids: readonly string[], id: string, at: number): number {
  for (let off = 0; off < 64; off += 1) {
    if (ids[at + off] === id) return at + off;
    if (ids[at - off] === id) return at - off;
  }
  return ids.indexOf(id);
}
