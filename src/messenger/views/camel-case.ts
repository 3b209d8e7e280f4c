/** `last_activity_date` → `lastActivityDate`. */
export function camelKey(key: string): string {
  return key.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}

/** The same object with its own keys in camel case. */
export function camelCased(object: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [camelKey(key), value as unknown]));
}
