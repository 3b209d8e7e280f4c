/** The two ends of what is loaded. */

export type Side = 'older' | 'newer';

export function marked(marks: ReadonlySet<Side>, side: Side, on: boolean): ReadonlySet<Side> {
  const changed = new Set(marks);
  if (on) changed.add(side);
  else changed.delete(side);
  return changed;
}
