/** Small choices of this browser. Some browsers refuse to keep any. */
const PREFIX = 'tidemark.';

export function stored(name: string): string {
  try {
    return localStorage.getItem(PREFIX + name) ?? '';
  } catch {
    return '';
  }
}

/** An empty value forgets. */
export function store(name: string, value: string): void {
  try {
    if (value === '') localStorage.removeItem(PREFIX + name);
    else localStorage.setItem(PREFIX + name, value);
  } catch {
    // It lasts as long as the page.
  }
}
