/** Who is connected here by the vendor's protocol: for what users' clients send each other, and for who has come or gone. */
import { PullEvent } from '../../delivery/live/vendor/pull-event.ts';
import { systemEvent } from '../../delivery/live/vendor/system-events.ts';
import type { Messenger } from '../../messenger/messenger.ts';
import { Pieces } from './pieces.ts';
import type { PullSession } from './session.ts';

const TOPIC = 'pull';
/** Of whom it is told that they have come or gone; see delivery/live/signals.ts. */
const PRESENCE = 'presence';
/** Users whose coming and going one connection may ask for. */
const MOST_WATCHED = 200;

/** What one client has others told. */
export interface Publication {
  /** Users, each with the application whose clients are meant; 0 for a user's own. */
  to: Array<{ userId: number; appId: number }>;
  /** Names whoever sends it, hexadecimal. */
  from: string;
  module: string;
  command: string;
  /** JSON of a map. */
  params: string;
  expiry: number;
}

export class Hub {
  readonly #m: Messenger;
  readonly #failed: (fault: unknown) => void;
  readonly #sessions = new Map<number, Set<PullSession>>();
  /** By the user who is watched. */
  readonly #watching = new Map<number, Set<PullSession>>();
  readonly #watched = new WeakMap<PullSession, Set<number>>();
  readonly #pieces = new Pieces();

  /** @param failed told of what could not be told to clients */
  constructor(m: Messenger, failed: (fault: unknown) => void) {
    this.#m = m;
    this.#failed = failed;
    m.wakes.subscribeSignals((topic, detail) => this.#hear(topic, detail));
  }

  add(session: PullSession): void {
    const { userId } = session.viewer;
    this.#sessions.set(userId, (this.#sessions.get(userId) ?? new Set()).add(session));
  }

  remove(session: PullSession): void {
    dropFrom(this.#sessions, session.viewer.userId, session);
    for (const userId of this.#watched.get(session) ?? []) dropFrom(this.#watching, userId, session);
    this.#watched.delete(session);
  }

  /** Whether somebody is connected here, as a user or by an application. */
  listens(userId: number, appId: number): boolean {
    return [...(this.#sessions.get(userId) ?? [])].some((session) => session.options.appId === appId);
  }

  /** To clients on all nodes. */
  publish(publication: Publication): void {
    for (const piece of Pieces.of(JSON.stringify(publication))) this.#m.wakes.signal(TOPIC, piece);
  }

  /** @returns false where it would be too many */
  watch(session: PullSession, userId: number): boolean {
    const watched = this.#watched.get(session) ?? new Set();
    if (watched.size >= MOST_WATCHED && !watched.has(userId)) return false;
    this.#watched.set(session, watched.add(userId));
    this.#watching.set(userId, (this.#watching.get(userId) ?? new Set()).add(session));
    return true;
  }

  unwatch(session: PullSession, userId: number): void {
    this.#watched.get(session)?.delete(userId);
    dropFrom(this.#watching, userId, session);
  }

  #hear(topic: string, detail: string): void {
    if (topic === TOPIC) {
      const whole = this.#pieces.add(detail);
      if (whole !== undefined && this.#sessions.size > 0) this.#deliver(JSON.parse(whole) as Publication).catch(this.#failed);
    } else if (topic === PRESENCE && this.#watching.size > 0) this.#tellPresence(JSON.parse(detail) as { online: number[]; offline: number[] }).catch(this.#failed);
  }

  async #deliver({ to, from, module, command, params, expiry }: Publication): Promise<void> {
    const { zone } = await this.#m.settings();
    const event = new PullEvent({ module, command, params, expiry, at: this.#m.clock.now(), sender: { type: 1, id: from } }, zone);
    for (const { userId, appId } of to) this.#tell(this.#sessions.get(userId), (session) => session.options.appId === appId && session.isPrivate, event);
  }

  async #tellPresence({ online, offline }: { online: number[]; offline: number[] }): Promise<void> {
    const { zone } = await this.#m.settings();
    const now = this.#m.clock.now();
    const tell = (userId: number, isOnline: boolean) => this.#tell(this.#watching.get(userId), () => true, systemEvent('online', 'userStatusChange', { user_id: userId, online: isOnline }, now, zone));
    for (const userId of online) tell(userId, true);
    for (const userId of offline) tell(userId, false);
  }

  #tell(sessions: ReadonlySet<PullSession> | undefined, isMeant: (session: PullSession) => boolean, event: PullEvent): void {
    for (const session of sessions ?? []) if (isMeant(session)) session.tell(event);
  }
}

function dropFrom(map: Map<number, Set<PullSession>>, key: number, session: PullSession): void {
  const set = map.get(key);
  set?.delete(session);
  if (set?.size === 0) map.delete(key);
}
