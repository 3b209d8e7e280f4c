/** What those are told who look into a chat without being members: the same, with nothing of their own in it. */
import type { SideRow } from '../../../../db/stores/live-store.ts';
import type { Side, WatchedNews } from '../../happening.ts';
import type { Command } from './command.ts';

const NOTHING_OWN: Pick<SideRow, 'counter' | 'muted' | 'unread' | 'peer_id' | 'message_id'> = {
  counter: 0, muted: 0, unread: 0, peer_id: 0,
  // Which message is the last one they are not told.
  message_id: Number.MAX_SAFE_INTEGER,
};

export function watchedCommands({ chat }: WatchedNews, commands: readonly Command[]): Command[] {
  const side: Side = { row: NOTHING_OWN as SideRow, dialogId: `chat${chat.id}` };
  return commands.map((command) => ({
    ...command,
    isShared: true,
    shared: 'notify' in command.shared ? { ...command.shared, notify: false } : command.shared,
    own: (to) => (command.own ? command.own({ ...to, side }) : {}),
  }));
}
