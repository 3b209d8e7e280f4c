import type { Migration } from './migration.ts';

/** Room in the journal for what applications tell their clients. */
export const longDetails: Migration = { id: 26, name: 'long details', up: (d) => [...d.longDetails] };
