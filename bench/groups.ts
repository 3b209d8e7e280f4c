/** Splits people into groups of a size, everybody in one; other people meet in each round, the same ones at every run. */
export function groupsOf<T extends { id: number }>(people: readonly T[], size: number, round: number): T[][] {
  const mixed = [...people].sort((a, b) => mix(a.id, round) - mix(b.id, round));
  const groups: T[][] = [];
  for (let i = 0; i < mixed.length; i += size) groups.push(mixed.slice(i, i + size));
  return groups;
}

function mix(id: number, round: number): number {
  return Math.imul(id + 1, 0x9e3779b1 + round * 0x85ebca6) >>> 0;
}
