/** What is different between the shapes of the same answer at two portals, by the place where it is. */
import { type Form, type Kind, KINDS, type Known } from './known.ts';
import type { Field, Fields, Shape } from './shape.ts';

export interface Place {
  /** Such as `result[].chat.owner`; `*` stands for keys that are data. */
  path: string;
  here: string;
  there: string;
}

export interface Compared {
  differences: Place[];
  /** Where one of the portals has nothing to compare with. */
  incomparable: Place[];
}

const WORDS: Record<Kind, string> = {
  null: 'null', boolean: 'true or false', integer: 'integer', fraction: 'fraction', text: 'text', digits: 'number in quotes', date: 'date', blank: 'empty text',
  undeclared: 'text like none declared', empty: '[]', list: 'list', object: 'object',
};
const NONE = 'no object of this form';
const TEXTS: readonly Kind[] = ['text', 'digits', 'date', 'undeclared'];

export function compareShapes(here: Shape, there: Shape, known: Known): Compared {
  const found: Compared = { differences: [], incomparable: [] };
  compareAt('', here, there, known, found);
  return found;
}

function compareAt(path: string, here: Shape, there: Shape, known: Known, found: Compared): void {
  if (differentKinds(here, there, known)) found.differences.push({ path, here: kindsOf(here), there: kindsOf(there) });
  else if (emptyBeside(here, there) || emptyBeside(there, here)) found.incomparable.push({ path, here: kindsOf(here), there: kindsOf(there) });
  if (here.items && there.items) compareAt(`${path}[]`, here.items, there.items, known.items(), found);
  for (const form of known.forms()) compareForm(path, form, here, there, found);
}

function kindsOf({ kinds }: Shape): string {
  return [...kinds].map((kind) => WORDS[kind]).sort().join(' or ');
}

/** What the declaration leaves open is no difference: one portal has not shown it yet. */
function differentKinds(here: Shape, there: Shape, known: Known): boolean {
  if (emptyMapsDiffer(here, there) || emptyMapsDiffer(there, here) || datesDiffer(here, there)) return true;
  if (known.open) return nothingInCommon(here, there);
  return KINDS.some((kind) => here.kinds.has(kind) !== there.kinds.has(kind) && !known.admits(kind));
}

const ALIKE: Partial<Record<Kind, string>> = { digits: 'text', date: 'text', undeclared: 'text', fraction: 'integer', empty: '', null: '', blank: '' };

/** Where anything may be, kinds differ that have nothing to do with one another. */
function nothingInCommon(here: Shape, there: Shape): boolean {
  const [mine, others] = [here, there].map(({ kinds }) => [...kinds].map((kind) => ALIKE[kind] ?? kind).filter((word) => word !== '')) as [string[], string[]];
  return mine.length > 0 && others.length > 0 && !mine.some((word) => others.includes(word));
}

/** An empty map is written `[]` by one and `{}` by the other. */
function emptyMapsDiffer(one: Shape, other: Shape): boolean {
  const onlyEmpty = !other.kinds.has('empty') && [...other.forms.values()].every((fields) => fields.size === 0) && other.forms.size > 0;
  return one.kinds.has('empty') && !one.kinds.has('object') && !one.kinds.has('list') && onlyEmpty;
}

/** Texts are dates at one portal, and never at the other. */
function datesDiffer(here: Shape, there: Shape): boolean {
  const [mine, others] = [here, there].map(({ kinds }) => TEXTS.filter((kind) => kinds.has(kind))) as [Kind[], Kind[]];
  const onlyDates = (kinds: Kind[]) => kinds.length === 1 && kinds[0] === 'date';
  return (onlyDates(mine) && others.length > 0 && !others.includes('date')) || (onlyDates(others) && mine.length > 0 && !mine.includes('date'));
}

function emptyBeside(one: Shape, other: Shape): boolean {
  return one.kinds.has('empty') && !one.items && one.forms.size === 0 && (other.items !== undefined || other.forms.size > 0);
}

/** Records of one form are compared with those of the same form. */
function compareForm(path: string, form: Form, here: Shape, there: Shape, found: Compared): void {
  const [mine, others] = [here.forms.get(form.label), there.forms.get(form.label)];
  if (mine && others) return compareFields(path, form, mine, others, found);
  if ((mine ?? others) && here.forms.size > 0 && there.forms.size > 0) found.incomparable.push({ path, here: mine ? 'object' : NONE, there: others ? 'object' : NONE });
}

function compareFields(path: string, form: Form, here: Fields, there: Fields, found: Compared): void {
  for (const name of new Set([...here.keys(), ...there.keys()])) {
    const [mine, other] = [here.get(name), there.get(name)];
    const at = path === '' ? name : `${path}.${name}`;
    if (mine && other) compareField(at, form, name, mine, other, found);
    else compareMissing(at, form.need(name), mine, other, found);
  }
}

function compareField(path: string, form: Form, name: string, here: Field, there: Field, found: Compared): void {
  if (here.always !== there.always && form.need(name) === 'required') found.differences.push({ path, here: presence(here), there: presence(there) });
  compareAt(path, here.shape, there.shape, form.field(name), found);
}

function presence(field: Field | undefined): string {
  if (!field) return 'missing';
  return field.always ? 'always' : 'sometimes missing';
}

function compareMissing(path: string, need: ReturnType<Form['need']>, here: Field | undefined, there: Field | undefined, found: Compared): void {
  const place = { path, here: here ? kindsOf(here.shape) : 'missing', there: there ? kindsOf(there.shape) : 'missing' };
  (need === 'optional' ? found.incomparable : found.differences).push(place);
}
