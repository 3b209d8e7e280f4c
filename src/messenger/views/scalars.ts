/** What the fields of objects on the wire are made of. */
import { z } from 'zod';

export const int = z.int();
export const atom = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$/).meta({ format: 'date-time' });
export const atomOrFalse = z.union([atom, z.literal(false)]);
export const color = z.string().regex(/^#[0-9a-f]{6}$/);
