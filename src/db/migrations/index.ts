/** Numbered, forward-only, imported statically. */
import { initial } from './0001-initial.ts';
import { applications } from './0002-applications.ts';
import { people } from './0009-people.ts';
import type { Migration } from './migration.ts';

export const migrations: readonly Migration[] = [initial, applications, people];
