/** Which of the names that there are somebody has meant with one that there is not. */

/** Longer names are nobody's slip, and would cost more to compare. */
const LONGEST = 64;
/** How alike two names must be, from 0 to 1: less would be a guess. */
const ALIKE = 0.7;

interface Known {
  name: string;
  pairs: ReadonlySet<string>;
}

export class NearNames {
  readonly #known: readonly Known[];
  readonly #families: ReadonlySet<string>;
  readonly #meant: ReadonlyMap<string, string>;

  /** @param meant what is meant by names that nothing is called, however little the two look alike */
  constructor(names: readonly string[], meant: Readonly<Record<string, string>>) {
    this.#known = names.map((name) => ({ name, pairs: pairsOf(name) }));
    this.#families = new Set(names.map(familyOf));
    this.#meant = new Map(Object.entries(meant).map(([name, other]) => [name.toLowerCase(), other]));
  }

  /** The name that was meant; undefined where none is near. What it costs has an end, whatever is asked for. */
  find(wanted: string): string | undefined {
    if (wanted.length > LONGEST) return undefined;
    return this.#meant.get(wanted.toLowerCase()) ?? this.#nearest(wanted);
  }

  /** Of a family that there is only its own names are near. */
  #nearest(wanted: string): string | undefined {
    const pairs = pairsOf(wanted);
    const family = familyOf(wanted);
    const near = this.#families.has(family) ? this.#known.filter(({ name }) => familyOf(name) === family) : this.#known;
    const scored = near.map((known) => ({ name: known.name, score: likeness(pairs, known.pairs) }));
    const best = scored.reduce((a, b) => (b.score > a.score ? b : a), { name: '', score: 0 });
    return best.score >= ALIKE ? best.name : undefined;
  }
}

/** The first part of a name, up to its dot. */
function familyOf(name: string): string {
  return name.toLowerCase().split('.', 1)[0]!;
}

/** Each two letters that follow one another: what two names have in common survives slips and words in another order. */
function pairsOf(name: string): Set<string> {
  const text = `.${name.toLowerCase()}.`;
  return new Set(Array.from({ length: text.length - 1 }, (_, at) => text.slice(at, at + 2)));
}

/** Dice's coefficient: 1 for the same pairs, 0 for none in common. */
function likeness(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  const common = [...a].filter((pair) => b.has(pair)).length;
  return (2 * common) / (a.size + b.size);
}
