import type { Live } from '../delivery/live/live.ts';
import type { Messenger } from '../messenger/messenger.ts';
import type { RecentCache } from '../messenger/recent/recent-cache.ts';
import type { Generations } from '../messenger/recent/sync-token.ts';
import type { WalkedPages } from '../messenger/recent/walked-pages.ts';
import type { Waits } from '../messenger/recent/waits.ts';
import type { RowCheck } from '../messenger/recent/recent-window.ts';
import type { FileStore } from '../messenger/files/storing.ts';
import type { Figures } from '../base/figures.ts';
import type { CallLog } from '../rest/call-log.ts';
import { type Method, methodsOf } from '../rest/method.ts';

/** What methods work with. */
export interface AppContext {
  messenger: Messenger;
  cache: RecentCache;
  /** Where the bytes of files lie. */
  blobs: FileStore;
  walks: WalkedPages;
  generations: Generations;
  waits: Waits;
  live: Live;
  check: RowCheck;
  /** Of the listener that speaks TLS, such as `https://127.0.0.1:8443`. */
  secureOrigin: string;
  /** What the server is busy with. */
  figures: Figures;
  /** The last calls, where they are written down. */
  calls: CallLog;
  /** Names this server among those that share the store. */
  node: string;
  /** The methods there are, for those that talk about methods. */
  methods(): ReadonlyArray<Method<AppContext>>;
}

export const defineMethod = methodsOf<AppContext>();
