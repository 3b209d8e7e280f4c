/** Makes something when it is first asked for, and only once unless making it failed. */
export function lazily<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  const forget = (fault: unknown): never => {
    made = undefined;
    throw fault;
  };
  return () => (made ??= make().catch(forget));
}
