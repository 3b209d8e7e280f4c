/** The events that an application can subscribe to. */
import type { What } from '../../db/changes.ts';
import type { Happening } from '../../messenger/happenings.ts';

export interface EventKind {
  /** In capital letters. */
  code: string;
  /** Scope that the application needs; null for none. */
  scope: string | null;
  /** The handler also gets a refresh token: it may have to act long after. */
  refreshable: boolean;
}

const EVENTS_OF: Readonly<Record<Happening, readonly string[]>> = {
  'message.added': ['ONIMV2MESSAGEADD', 'ONOPENLINEMESSAGEADD'],
  'message.updated': ['ONIMV2MESSAGEUPDATE', 'ONOPENLINEMESSAGEUPDATE'],
  'message.deleted': ['ONIMV2MESSAGEDELETE', 'ONOPENLINEMESSAGEDELETE'],
  'reaction.added': ['ONIMV2REACTIONCHANGE'],
  'reaction.deleted': ['ONIMV2REACTIONCHANGE'],
  'chat.joined': ['ONIMV2JOINCHAT'],
  'user.added': ['ONUSERADD'],
};

/** Whatever the journal may lead to. */
export const JOURNAL_EVENTS: ReadonlySet<string> = new Set(Object.values(EVENTS_OF).flat());

/** Those of chats, which users can have recorded for themselves. */
export const RECORDED_EVENTS: ReadonlySet<string> = new Set([...JOURNAL_EVENTS].filter((code) => code.startsWith('ONIMV2')));

/** The events that an entry of the journal may lead to. */
export function eventsOf(what: What): readonly string[] {
  return Object.hasOwn(EVENTS_OF, what) ? EVENTS_OF[what as Happening] : [];
}

/** Told to handlers when there is something to fetch. */
export const OFFLINE_RECORDED = 'ONOFFLINEEVENT';

const ofApplications: EventKind[] = ['ONAPPINSTALL', 'ONAPPUPDATE', 'ONAPPTEST', OFFLINE_RECORDED].map((code) => ({ code, scope: null, refreshable: true }));
const withoutTokens: EventKind = { code: 'ONAPPUNINSTALL', scope: null, refreshable: false };
const ofJournal: EventKind[] = [...JOURNAL_EVENTS].map((code) => ({ code, scope: scopeOf(code), refreshable: false }));

export const EVENTS: readonly EventKind[] = [...ofApplications, withoutTokens, ...ofJournal];

/** Told to who is gone: without tokens. */
export const UNINSTALLED = withoutTokens.code;

function scopeOf(code: string): string {
  if (code.startsWith('ONOPENLINE')) return 'imopenlines';
  return code.startsWith('ONUSER') ? 'user' : 'im';
}

export function findEvent(code: string): EventKind | undefined {
  return EVENTS.find((event) => event.code === code.toUpperCase());
}
