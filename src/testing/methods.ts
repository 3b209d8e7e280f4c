/** In the package the types of every method, made of the declarations, stand in the place of these (scripts/types.ts). */
export type Methods = Record<string, { params: Record<string, unknown>; result: unknown }>;
