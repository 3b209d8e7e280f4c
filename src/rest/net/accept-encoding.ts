/** Which content coding a caller takes (RFC 9110, 12.5.3). */

export type Coding = 'gzip' | 'br' | 'zstd';

/** Of codings that a caller likes equally well: the quickest and smallest first. */
const PREFERRED: readonly Coding[] = ['zstd', 'br', 'gzip'];
/** Who says only that anything will do gets what everybody can read. */
const ANYTHING: readonly Coding[] = ['gzip', 'br', 'zstd'];
/** Bytes of an answer that is worth compressing. */
const WORTH_IT = 1024;

const ENTRY = /^([!#$%&'*+.^`|~\w-]+)\s*(?:;\s*q\s*=\s*([01](?:\.\d{0,3})?))?$/i;

/**
 * The coding that the caller likes best for an answer of `size` bytes; undefined for none. Who takes nothing that there is
 * gets the plain answer all the same.
 *
 * @param header `Accept-Encoding`; most who leave it out expect plain answers
 * @param offered in which codings there is an answer, the preferred first
 */
export function codingFor(header: string | undefined, size: number, offered = PREFERRED): Coding | undefined {
  if (header === undefined || size === 0) return undefined;
  const weights = weightsOf(header);
  const rest = weights.get('*');
  const plain = weights.get('identity') ?? (rest === 0 ? 0 : undefined);
  if (size < WORTH_IT && plain !== 0) return undefined;
  const named = best(offered, (coding) => weights.get(coding) ?? 0);
  const chosen = named ?? best(ANYTHING.filter((coding) => offered.includes(coding)), (coding) => (weights.has(coding) ? 0 : (rest ?? 0)));
  return chosen && chosen.weight >= (plain ?? 0) ? chosen.coding : undefined;
}

function best(codings: readonly Coding[], weightOf: (coding: Coding) => number): { coding: Coding; weight: number } | undefined {
  let chosen: { coding: Coding; weight: number } | undefined;
  for (const coding of codings) {
    const weight = weightOf(coding);
    if (weight > (chosen?.weight ?? 0)) chosen = { coding, weight };
  }
  return chosen;
}

/** Headers that have been read: each kind of client says the same each time. */
const known = new Map<string, ReadonlyMap<string, number>>();
const REMEMBERED = 100;
/** Characters of one that is remembered. */
const USUAL_LENGTH = 200;

function weightsOf(header: string): ReadonlyMap<string, number> {
  const remembered = known.get(header);
  if (remembered) return remembered;
  const weights = readWeights(header);
  if (known.size >= REMEMBERED) known.clear();
  if (header.length <= USUAL_LENGTH) known.set(header, weights);
  return weights;
}

/** By lower-case name; what cannot be read is passed over. */
function readWeights(header: string): Map<string, number> {
  const weights = new Map<string, number>();
  for (const entry of header.split(',')) {
    const [, name = '', q = '1'] = ENTRY.exec(entry.trim()) ?? [];
    const weight = Number(q);
    if (name !== '' && weight <= 1) weights.set(aliased(name.toLowerCase()), weight);
  }
  return weights;
}

function aliased(name: string): string {
  return name === 'x-gzip' ? 'gzip' : name;
}
