/** What applications tell their own clients: kept in the journal, so that it comes in order, on all nodes, and again after a reconnect. */
import { viaOf } from '../../../base/caller.ts';
import type { Messenger } from '../../../messenger/messenger.ts';

export interface ApplicationEvent {
  module_id: string;
  command: string;
  params: unknown;
  /** Whose clients are told; those of all who have the application open where it is left out. */
  users?: readonly number[];
}

export async function tellApplication(m: Messenger, appId: number, event: ApplicationEvent): Promise<void> {
  await m.db.write(async (s) => s.changes.note({ what: 'app.event', via: viaOf(appId, ''), detail: JSON.stringify(event) }));
}
