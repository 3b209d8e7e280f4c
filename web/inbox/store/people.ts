/** People as far as the page shows them. */
import { signal } from '@preact/signals';
import { Keyed } from '../../lib/keyed.ts';
import { userId } from '../../lib/told.ts';

/** What is used of a user as the methods of `im` give it. */
export interface UserView {
  id: number;
  name: string;
  first_name?: string;
  avatar: string;
  color: string;
  bot?: boolean;
  extranet?: boolean;
  active?: boolean;
  work_position?: string;
  last_activity_date?: string | false;
}

export interface Person {
  id: number;
  name: string;
  firstName: string;
  avatar: string;
  color: string;
  bot: boolean;
  guest: boolean;
  position: string;
  /** When they last did something, milliseconds; 0 for never. */
  seenAt: number;
  /** As the server has said it itself; undefined where only {@link seenAt} tells. */
  online: boolean | undefined;
}

/** As of the live connection. */
export interface PresenceView {
  id: number;
  online: boolean;
  last_activity_date: string | false;
}

const people = new Keyed<number, Person>();
/** Grows with time: who has done nothing for a while is no longer online. */
export const minute = signal(0);
const ONLINE_MS = 5 * 60_000;

export const personOf = (id: number) => people.get(id);
/** Undefined while nothing is known of them. */
export const userOf = (id: number) => people.signal(id);
export const me = people.signal(userId);

export function learnPeople(views: Iterable<UserView>): void {
  for (const view of views) if (view.id > 0 && view.name !== undefined) learnPerson(view);
}

function learnPerson(view: UserView): void {
  const before = people.get(view.id);
  const seenAt = view.last_activity_date ? Date.parse(view.last_activity_date) : (before?.seenAt ?? 0);
  const person: Person = {
    id: view.id,
    name: view.name,
    firstName: view.first_name || before?.firstName || view.name,
    avatar: view.avatar,
    color: view.color,
    bot: view.bot ?? before?.bot ?? false,
    guest: view.extranet ?? before?.guest ?? false,
    position: view.work_position ?? before?.position ?? '',
    seenAt,
    online: before?.online,
  };
  if (!before || !isSame(before, person)) people.set(view.id, person);
}

function isSame(a: Person, b: Person): boolean {
  return (Object.keys(b) as Array<keyof Person>).every((key) => a[key] === b[key]);
}

export function learnPresence(users: readonly PresenceView[]): void {
  for (const { id, online, last_activity_date: date } of users) {
    const before = people.get(id);
    if (before) people.set(id, { ...before, online, seenAt: date ? Date.parse(date) : before.seenAt });
  }
}

/** A component that asks is drawn anew when it changes. */
export function isOnline(id: number): boolean {
  const person = people.signal(id).value;
  if (!person || person.bot) return false;
  return person.online ?? (minute.value >= 0 && Date.now() - person.seenAt < ONLINE_MS);
}

export function keptPeople(): Person[] {
  return [...people.values()];
}

export function restorePeople(kept: readonly Person[]): void {
  for (const person of kept) if (!people.get(person.id)) people.set(person.id, { ...person, online: undefined });
}
