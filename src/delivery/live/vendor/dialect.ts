/** What is told to the vendor's clients of users, and to those of applications. */
import type { Around, Dialect, Happening, NoticeNews, WritingNews } from '../happening.ts';
import { fullName, viewUser } from '../../../messenger/views/user-view.ts';
import type { JournalRow } from '../../../db/stores/journal-store.ts';
import type { ApplicationEvent } from './application-events.ts';
import { type Command, making, type Params, withSide } from './commands/command.ts';
import { chatCommands, readCommands, sideCommands } from './commands/chat-commands.ts';
import { watchedCommands } from './commands/watched-commands.ts';
import { messageCommands, reactionCommands } from './commands/message-commands.ts';
import { PullEvent } from './pull-event.ts';

/** What one happening is told by. */
export interface Told {
  /** The entry of the journal; undefined for what is kept nowhere. */
  entry: Pick<JournalRow, 'rev' | 'seq'> | undefined;
  /** By their places among all that the entry leads to. */
  events: Array<{ index: number; event: PullEvent }>;
}

export const userDialect: Dialect<Told> = {
  watches: true,
  compose(happening, around) {
    const makers = commandsOf(happening, around).map((command) => making(command, whenOf(happening, around), around.zone));
    if (makers.length === 0) return undefined;
    const entry = 'entry' in happening ? happening.entry : undefined;
    return (to) => {
      const events = makers.flatMap((make, index) => {
        const event = make(to);
        return event ? [{ index, event }] : [];
      });
      return events.length > 0 ? { entry, events } : undefined;
    };
  },
};

function whenOf(happening: Happening, { now }: Around): number {
  return 'entry' in happening ? happening.entry.created_at : now;
}

/** In the order in which they are told. */
function commandsOf(happening: Happening, around: Around): Command[] {
  switch (happening.kind) {
    case 'message': return messageCommands(happening, around);
    case 'reaction': return reactionCommands(happening);
    case 'read': return readCommands(happening, around);
    case 'side': return sideCommands(happening, around);
    case 'watched': return watchedCommands(happening, commandsOf(happening.news, around));
    case 'allRead': return [{ name: 'readAllChats', shared: {} }];
    case 'chat': return chatCommands(happening, around);
    case 'notice': return [noticeCommand(happening)];
    case 'user': return [{ name: 'userUpdate', module: 'tidemark', shared: { user: viewUser(happening.user, around.zone) } }];
    case 'writing': return [writingCommand(happening)];
    default: return [];
  }
}

/** For what there are no names that anybody has published. */
function noticeCommand({ action, entry, notices, unread }: NoticeNews): Command {
  const ids = action === 'deleted' ? [entry.subject_id] : notices.map(({ id }) => id);
  return { name: 'notification', module: 'tidemark', shared: { action, ids, counter: unread } };
}

const VOICE_SECONDS = 60;
const WRITING_SECONDS = 10;

function writingCommand({ user, action }: WritingNews): Command {
  const isVoice = action === 'voice';
  return {
    name: isVoice ? 'startRecordVoice' : 'startWriting',
    module: isVoice ? 'im' : 'tidemark',
    expiry: isVoice ? VOICE_SECONDS : WRITING_SECONDS,
    shared: { userId: user.id, userName: fullName(user) },
    own: withSide((side): Params => ({ dialogId: side.dialogId })),
  };
}

type ChannelType = 'private' | 'shared';

const applications = new Map<string, Dialect<Told>>();

/**
 * Clients of an application hear what that application has them told, and nothing else: by their shared channel what is for all, by their
 * private one what is for their user. The same object for the same application and channels.
 */
export function applicationDialect(appId: number, types: ReadonlySet<ChannelType>): Dialect<Told> {
  const key = `${appId} ${types.has('private')} ${types.has('shared')}`;
  let dialect = applications.get(key);
  if (!dialect) applications.set(key, (dialect = { compose: (happening, around) => ofApplication(appId, types, happening, around) }));
  return dialect;
}

function ofApplication(appId: number, types: ReadonlySet<ChannelType>, happening: Happening, { zone }: Around): ReturnType<Dialect<Told>['compose']> {
  if (happening.kind !== 'application' || Number.parseInt(happening.entry.via, 10) !== appId) return undefined;
  const { entry } = happening;
  const { module_id: module, command, params, users } = JSON.parse(entry.detail) as ApplicationEvent;
  if (!types.has(users ? 'private' : 'shared')) return undefined;
  const event = new PullEvent({ module, command, params: JSON.stringify(params), at: entry.created_at }, zone);
  return ({ viewer }) => (!users || users.includes(viewer.userId) ? { entry, events: [{ index: 0, event }] } : undefined);
}

/** For who may not be told of messages: only what is sent to them by others. */
export const silentDialect: Dialect<Told> = { compose: () => undefined };
