/** Calls of methods as parts of what is shown: loading, again when something has changed, and what went wrong in words. */
import { signal } from '@preact/signals';
import { useEffect, useState } from 'preact/hooks';
import { ApiError, callFull, type Params } from '../lib/api.ts';
import { hasWord, t } from './words.ts';

/** Moves when anything was changed: whatever is shown is read again. */
export const changes = signal(0);

export interface Loaded<T> {
  data: T | undefined;
  total: number;
  /** Empty while nothing is wrong. */
  problem: string;
  loading: boolean;
  again(): void;
}

/** What a method says now, and whenever its parameters change. What was there before stays until then. */
export function useCall<T>(method: string, params: Params = {}): Loaded<T> {
  const [state, setState] = useState<Omit<Loaded<T>, 'again'>>({ data: undefined, total: 0, problem: '', loading: true });
  const [turn, setTurn] = useState(0);
  const key = JSON.stringify(params);
  const version = changes.value;
  useEffect(() => {
    const stop = new AbortController();
    setState((before) => ({ ...before, loading: true }));
    callFull<T>(method, JSON.parse(key) as Params, { signal: stop.signal }).then(
      ({ result, total = 0 }) => !stop.signal.aborted && setState({ data: result, total, problem: '', loading: false }),
      (error: unknown) => !stop.signal.aborted && setState((before) => ({ ...before, problem: inWords(error), loading: false })),
    );
    return () => stop.abort();
  }, [method, key, version, turn]);
  return { ...state, again: () => setTurn((now) => now + 1) };
}

/** What went wrong, for people: in their language where it is known. */
export function inWords(error: unknown): string {
  if (!(error instanceof ApiError)) return String(error);
  const key = `error.${error.code}`;
  return hasWord(key) ? t(key) : error.message;
}

/** The parameter that is wrong, as the server names it; empty where it names none. */
export function argumentOf(error: unknown): string {
  return error instanceof ApiError ? (/'(\w+)(?:\[[\w-]+\])?'/.exec(error.message)?.[1] ?? (error.code === 'EMAIL_TAKEN' ? 'EMAIL' : '')) : '';
}

/** Calls what changes something; all that is shown is read again afterwards. @throws ApiError */
export async function change<T>(method: string, params: Params): Promise<T> {
  const { result } = await callFull<T>(method, params);
  changes.value += 1;
  return result;
}
