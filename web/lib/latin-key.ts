/** What a Latin keyboard would have said: on a Russian one `k` is «л», but the key is in the same place. */
export function latinKey({ key, code }: { key: string; code: string }): string {
  if (key.length > 1) return key;
  if (/^[\x20-\x7e]$/.test(key)) return key.toLowerCase();
  return /^Key[A-Z]$/.test(code) ? code.slice(3).toLowerCase() : key;
}
