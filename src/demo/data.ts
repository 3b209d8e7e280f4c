/** The demo portal's people, and the form in which their conversations are written down. */
import type { DemoFile } from './files.ts';
import type { Color } from '../messenger/views/colors.ts';
import type { MessageParams } from '../messenger/posting/posting.ts';

export const COMPANY = 'Saltmarsh Instruments';
/** Below the company itself, unless one of the others is above. Somebody's department is the number of one, counted from 1. */
export const DEPARTMENTS: ReadonlyArray<{ name: string; head: Name; above?: number }> = [
  { name: 'Management', head: 'nora' },
  { name: 'Product', head: 'tom', above: 1 },
  { name: 'Engineering', head: 'mei', above: 2 },
  { name: 'Support', head: 'yusuf', above: 2 },
  { name: 'Sales and marketing', head: 'clara', above: 1 },
  { name: 'Finance and logistics', head: 'amara', above: 1 },
];

/** The company is the first department of the portal, and these follow. */
export function departmentId(number: number): number {
  return number + 1;
}

export interface Person {
  first: string;
  last: string;
  position: string;
  gender: 'M' | 'F';
  /** `DD-MM`. */
  birthday?: string;
  zone?: string;
  city?: string;
  department?: number;
  /** Somebody who is no employee. */
  kind?: 'guest' | 'bot' | 'visitor';
  /** Why they read nothing these days. */
  gone?: 'dismissed' | 'absent';
}

/** In the order of their ids: the first one is the administrator. */
export const PEOPLE = {
  nora: { first: 'Nora', last: 'Lindqvist', position: 'Operations Director', gender: 'F', birthday: '14-03', zone: 'Europe/Stockholm', city: 'Gothenburg', department: 1 },
  tom: { first: 'Tom', last: 'Ashworth', position: 'Product Manager', gender: 'M', birthday: '02-11', zone: 'Europe/London', city: 'Bristol', department: 2 },
  mei: { first: 'Mei', last: 'Tanaka', position: 'Lead Engineer', gender: 'F', birthday: '29-02', zone: 'Asia/Tokyo', city: 'Yokohama', department: 3 },
  diego: { first: 'Diego', last: 'Ferreira', position: 'Firmware Developer', gender: 'M', birthday: '21-07', zone: 'America/Sao_Paulo', city: 'Santos', department: 3 },
  irina: { first: 'Irina', last: 'Sokolova', position: 'QA Engineer', gender: 'F', birthday: '08-09', zone: 'Europe/Belgrade', city: 'Novi Sad', department: 3 },
  yusuf: { first: 'Yusuf', last: 'Haddad', position: 'Head of Support', gender: 'M', birthday: '17-05', zone: 'Asia/Amman', city: 'Aqaba', department: 4 },
  clara: { first: 'Clara', last: 'Weiss', position: 'Sales Manager', gender: 'F', birthday: '30-12', zone: 'Europe/Berlin', city: 'Kiel', department: 5 },
  amara: { first: 'Amara', last: 'Okafor', position: 'Finance Manager', gender: 'F', birthday: '05-06', zone: 'Africa/Lagos', city: 'Lagos', department: 6, gone: 'absent' },
  liam: { first: 'Liam', last: "O'Connor", position: 'Designer', gender: 'M', birthday: '11-10', zone: 'Europe/Dublin', city: 'Galway', department: 2 },
  priya: { first: 'Priya', last: 'Raman', position: 'Marketing Manager', gender: 'F', birthday: '23-01', zone: 'Asia/Kolkata', city: 'Kochi', department: 5 },
  otto: { first: 'Otto', last: 'Brandt', position: 'Logistics Coordinator', gender: 'M', birthday: '19-08', zone: 'Europe/Berlin', city: 'Kiel', department: 6, gone: 'dismissed' },
  helen: { first: 'Helen', last: 'Marsh', position: 'Technical Writer', gender: 'F', birthday: '27-04', zone: 'Europe/London', city: 'Leeds', department: 2, gone: 'dismissed' },
  sofia: { first: 'Sofia', last: 'Marino', position: 'Web Consultant', gender: 'F', zone: 'Europe/Rome', city: 'Trieste', kind: 'guest' },
  tidebot: { first: 'Tidebot', last: '', position: 'Assistant', gender: 'M', kind: 'bot' },
  visitor: { first: 'Jonas', last: 'Vik', position: 'Visitor of the web site', gender: 'M', kind: 'visitor' },
} as const satisfies Record<string, Person>;

export type Name = keyof typeof PEOPLE;
export const NAMES = Object.keys(PEOPLE) as Name[];

/** People get their ids in the order of the table. */
export function idOf(name: Name): number {
  return NAMES.indexOf(name) + 1;
}

export function person(name: Name): Person {
  return PEOPLE[name];
}

/** Whether somebody belongs to the company. */
export function isInside({ kind }: Person): boolean {
  return kind !== 'guest' && kind !== 'visitor';
}

/** Everybody who works here. */
export const STAFF: readonly Name[] = NAMES.filter((name) => !person(name).kind && person(name).gone !== 'dismissed');

/** Minutes. */
export const HOUR = 60;
export const DAY = 24 * HOUR;

export interface Extra {
  /** Minutes of silence before the line; a few unless given. */
  pause?: number;
  params?: MessageParams;
  files?: readonly DemoFile[];
  /** A line that the system writes about something the author did at that moment. */
  system?: true;
  uuid?: string;
  /** How many lines up the answered one stands. */
  reply?: number;
  /** The text after the author changed it. */
  edit?: string;
  /** The author takes the line back after it was seen. */
  deleted?: true;
}

/** Who writes what. A name in braces mentions its owner. */
export type Line = readonly [by: Name, text: string, extra?: Extra];

export interface Room {
  /** As in the chat's `type` column; see NewChat. */
  type: 'C' | 'O' | 'N' | 'J' | 'L' | 'X';
  owner: Name;
  members: readonly Name[];
  title?: string;
  description?: string;
  color?: Color;
  /** `{start}` in the data stands for the first line's instant in seconds since 1970. */
  entity?: { type: string; id: string; data?: string };
}

/** What the administrator does to the row in the end. */
export type RowAct = 'pin' | 'mute' | 'mark' | 'remind' | 'hide';

export interface Script {
  /** A group chat, or the two people of a private dialog (twice the same for notes to oneself). */
  room: Room | readonly [Name, Name];
  /** Minutes from the last line to the first start; at least 2. */
  ago: number;
  /** Lines at the end that the administrator has not read. */
  unread?: number;
  /** Nobody else has read the end. */
  unseen?: true;
  acts?: readonly RowAct[];
  lines: readonly Line[];
}
