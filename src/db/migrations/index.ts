/** Numbered, forward-only, imported statically. */
import { initial } from './0001-initial.ts';
import { applications } from './0002-applications.ts';
import { clock } from './0004-clock.ts';
import { ownUuids } from './0005-own-uuids.ts';
import { bindings } from './0007-bindings.ts';
import { people } from './0009-people.ts';
import type { Migration } from './migration.ts';

export const migrations: readonly Migration[] = [initial, applications, clock, ownUuids, bindings, people];
