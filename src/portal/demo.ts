import type { Database } from '../db/database.ts';

export async function furnishDemo(_db: Database): Promise<void> {}
