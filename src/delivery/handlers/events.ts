/** The events that an application can subscribe to. */
import { HAPPENINGS } from '../../messenger/happenings.ts';

export interface EventKind {
  /** In capital letters. */
  code: string;
  /** Scope that the application needs; null for none. */
  scope: string | null;
  /** The handler also gets a refresh token: it may have to act long after. */
  refreshable: boolean;
}

const ofApplications: EventKind[] = ['ONAPPINSTALL', 'ONAPPUPDATE', 'ONAPPTEST'].map((code) => ({ code, scope: null, refreshable: true }));
const withoutTokens: EventKind = { code: 'ONAPPUNINSTALL', scope: null, refreshable: false };
const ofChats: EventKind[] = Object.values(HAPPENINGS)
  .flat()
  .map((code) => ({ code, scope: scopeOf(code), refreshable: false }));

export const EVENTS: readonly EventKind[] = [...ofApplications, withoutTokens, ...ofChats];

/** Told to who is gone: without tokens. */
export const UNINSTALLED = withoutTokens.code;

function scopeOf(code: string): string {
  if (code.startsWith('ONOPENLINE')) return 'imopenlines';
  return code.startsWith('ONUSER') ? 'user' : 'im';
}

export function findEvent(code: string): EventKind | undefined {
  return EVENTS.find((event) => event.code === code.toUpperCase());
}
