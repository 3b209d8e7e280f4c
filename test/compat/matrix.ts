/**
 * Every method that the public documentation of the chats, users and the REST transport names, and our own: what works,
 * what is missing, where it is tested. `test/compat/matrix.test.ts` holds it to the registry; `node test/compat/print.ts`
 * makes docs/compatibility.md of it.
 */

export type Status = 'done' | 'partial' | 'planned';

export interface MatrixRow {
  method: string;
  status: Status;
  /** Title of the public documentation page, or `ours`. */
  source: string;
  /** Files in which the method is called, from the root of the repository. */
  tests: readonly string[];
  /** What is missing, or what it waits for. */
  note?: string;
}

const http = (...names: string[]) => names.map((name) => `test/http/${name}.test.ts`);

function done(method: string, tests: readonly string[], note?: string): MatrixRow {
  return { method, status: 'done', source: method, tests, ...(note !== undefined && { note }) };
}

function partial(method: string, note: string, tests: readonly string[]): MatrixRow {
  return { method, status: 'partial', source: method, tests, note };
}

function planned(note: string, ...methods: string[]): MatrixRow[] {
  return methods.map((method) => ({ method, status: 'planned', source: method, tests: [], note }));
}

/** Methods documented on one page together. */
function onPage(source: string, rows: readonly MatrixRow[]): MatrixRow[] {
  return rows.map((row) => ({ ...row, source }));
}

const recent: MatrixRow[] = [
  done('im.recent.get', http('recent-get', 'recent-order', 'recent-windows', 'recent-sync', 'recorded-clients', 'b24jssdk')),
  done('im.recent.list', http('recent-list', 'recent-order'), 'there is no assistant, so copilot is null'),
  done('im.recent.pin', http('methods-rows', 'recent-sync')),
  done('im.recent.unread', http('methods-reading', 'recorded-clients')),
  done('im.recent.hide', http('methods-rows', 'recent-sync')),
];

const dialogs: MatrixRow[] = [
  done('im.dialog.get', http('methods-chats', 'methods-reading'), 'readed_list names the first hundred members'),
  done('im.dialog.messages.get', http('methods-messages', 'methods-chats', 'files')),
  done('im.dialog.read', http('methods-reading')),
  done('im.dialog.unread', http('methods-reading')),
  done('im.dialog.read.all', http('methods-reading')),
  done('im.counters.get', http('methods-reading', 'methods-rows', 'notify')),
  partial('im.dialog.writing', 'nobody is told of it until there are live updates', http('dialog-lists')),
  done('im.dialog.messages.search', http('dialog-lists', 'message-search', 'files')),
  done('im.dialog.users.list', http('dialog-lists')),
];

const messages: MatrixRow[] = [
  done('im.message.add', http('methods-messages', 'text', 'link-previews'), 'links are previewed where the portal allows it (`portal set --link-previews`)'),
  done('im.message.update', http('methods-messages', 'text', 'link-previews')),
  done('im.message.delete', http('methods-messages')),
  done('im.message.like', http('likes')),
  partial('im.message.share', 'makes chats; there are no tasks, posts and calendars to make of messages', http('message-parts')),
  ...planned('with bots', 'im.message.command', 'im.v2.Chat.Bot.sendContext'),
];

const chats: MatrixRow[] = [
  partial('im.chat.add', 'COPILOT_MAIN_ROLE is ignored', http('methods-chats', 'recent-get', 'avatars')),
  done('im.chat.user.add', http('methods-chats', 'recent-sync')),
  done('im.chat.user.delete', http('methods-chats', 'recent-sync')),
  done('im.chat.user.list', http('methods-chats')),
  done('im.chat.leave', http('methods-chats', 'recent-sync')),
  done('im.chat.updateTitle', http('methods-chats', 'text')),
  done('im.chat.mute', http('methods-rows', 'recent-sync')),
  done('im.chat.get', http('chat-settings')),
  done('im.chat.setOwner', http('chat-settings')),
  done('im.chat.updateColor', http('chat-settings')),
  ...onPage('imbot.chat.setManager', [done('im.chat.setManager', http('chat-settings'))]),
  done('im.chat.updateAvatar', http('avatars')),
];

const people: MatrixRow[] = [
  done('im.user.get', http('methods-users')),
  done('im.user.list.get', http('methods-users')),
  done('im.user.status.set', http('structure')),
  done('im.user.status.get', http('structure')),
  done('im.user.status.idle.start', http('structure')),
  done('im.user.status.idle.end', http('structure')),
  done('im.search.user.list', http('finding')),
  done('im.search.chat.list', http('finding'), 'looks through the caller\'s chats'),
  done('im.search.department.list', http('structure')),
  done('im.search.last.add', http('finding')),
  done('im.search.last.get', http('finding')),
  done('im.search.last.delete', http('finding')),
  done('im.department.get', http('structure')),
  done('im.department.managers.get', http('structure')),
  done('im.department.employees.get', http('structure')),
  done('im.department.colleagues.list', http('structure')),
];

const noMail = 'nothing is sent by mail, so MESSAGE_OUT is without effect';

const notifications: MatrixRow[] = [
  partial('im.notify', noMail, http('notify')),
  partial('im.notify.personal.add', noMail, http('notify')),
  partial('im.notify.system.add', noMail, http('notify')),
  done('im.notify.get', http('notify')),
  done('im.notify.read', http('notify')),
  done('im.notify.read.list', http('notify')),
  done('im.notify.read.all', http('notify')),
  done('im.notify.delete', http('notify')),
  done('im.notify.answer', http('notify')),
  done('im.notify.confirm', http('notify')),
  done('im.notify.history.search', http('notify')),
  done('im.notify.schema.get', http('notify'), 'there is one kind: those of applications'),
];

const files: MatrixRow[] = [
  done('im.v2.File.upload', http('files', 'file-bodies')),
  done('im.v2.File.download', http('files'), 'the address is good for ten minutes, not for one use'),
  done('im.disk.folder.get', http('files')),
  partial('im.disk.file.commit', 'SILENT_MODE and AS_FILE are without effect: pictures are kept as they are', http('files')),
  done('im.disk.file.save', http('disk')),
  done('im.disk.file.delete', http('disk')),
];

const disk: MatrixRow[] = [
  partial('disk.storage.getList', 'there is one storage of each user; filters by equality', http('disk')),
  partial('disk.storage.uploadFile', 'RIGHTS are without effect', http('disk')),
  partial('disk.folder.uploadFile', 'RIGHTS are without effect', http('files', 'file-uploads')),
  partial('disk.folder.getChildren', 'filters by equality of NAME, TYPE, ID and CREATED_BY', http('disk')),
  done('disk.folder.addSubfolder', http('disk')),
  done('disk.file.get', http('files', 'disk')),
  done('disk.file.delete', http('files', 'disk'), 'there is no recycle bin'),
  done('disk.file.getExternalLink', http('files', 'file-downloads')),
];

const events: MatrixRow[] = [
  done('im.v2.Event.subscribe', http('user-events')),
  done('im.v2.Event.get', http('user-events')),
  done('im.v2.Event.unsubscribe', http('user-events')),
  done('im.revision.get', http('structure')),
  ...onPage('Events', [
    done('events', http('events')),
    done('event.bind', http('events', 'offline-events')),
    done('event.unbind', http('events', 'offline-events')),
    done('event.get', http('events')),
    done('event.test', http('events')),
  ]),
  ...onPage(
    'Offline events',
    [...['event.offline.get', 'event.offline.clear', 'event.offline.error'].map((name) => done(name, http('offline-events'))), done('event.offline.list', http('offline-events', 'offline-filters'))]
  ),
];

const users: MatrixRow[] = [
  done('user.current', http('methods-users')),
  done('user.get', http('avatars', 'methods-users', 'user-filters', 'user-search.model', 'people-cost')),
  partial('user.add', 'nobody is invited by mail: the user is there at once', http('methods-users')),
  done('user.update', http('methods-users', 'text')),
  done('user.search', http('avatars', 'user-filters', 'departments')),
  done('user.fields', http('user-filters')),
  done('user.online', http('presence')),
  done('user.counters', http('presence')),
  done('user.admin', http('methods-applications')),
  done('user.access', http('methods-applications', 'access-codes')),
  done('access.name', http('methods-applications', 'access-codes')),
];

const departments: MatrixRow[] = [
  done('department.get', http('departments', 'user-filters')),
  done('department.fields', http('structure')),
  done('department.add', http('structure')),
  done('department.update', http('structure')),
  done('department.delete', http('structure')),
];

const system: MatrixRow[] = [
  done('profile', http('methods-users', 'addresses')),
  done('server.time', http('methods-users', 'recent-windows')),
  done('methods', http('methods-users')),
  done('scope', http('methods-users', 'addresses')),
  done('batch', http('batch')),
  done('method.get', http('methods-applications')),
  done('feature.get', http('methods-applications'), 'the portal has none of the features that there are codes for'),
  done('app.info', http('methods-applications', 'oauth-flow')),
  done('app.option.get', http('methods-applications')),
  done('app.option.set', http('methods-applications')),
  done('user.option.get', http('methods-applications')),
  done('user.option.set', http('methods-applications')),
  done('download', http('file-downloads')),
  done('upload', http('file-uploads')),
];

const push: MatrixRow[] = [
  done('pull.application.config.get', http('pull')),
  done('pull.application.event.add', http('pull')),
  done('pull.application.push.add', http('pull'), 'there is no mobile application: the text comes as a notification of the messenger'),
  ...onPage('pull (read by the official SDK)', [
    done('pull.config.get', http('pull')),
    done('pull.channel.public.get', http('pull')),
    done('pull.channel.public.list', http('pull')),
    done('pull.watch.extend', http('pull-watch')),
    done('pull.api.user.getLastSeen', http('pull')),
  ]),
];

const own = onPage('ours', [
  done('tidemark.manifest.get', http('system-errors')),
  done('tidemark.messages.search', http('message-search')),
  done('tidemark.chat.permissions.set', http('chat-settings')),
  done('tidemark.comments.open', http('comments')),
  done('tidemark.message.react', http('likes')),
  done('tidemark.message.pin', http('message-parts')),
  done('tidemark.message.pinned.list', http('message-parts')),
  done('tidemark.apps.list', http('frames')),
  done('tidemark.recent.changes', http('recent-changes')),
  done('tidemark.reminder.add', http('recent-get', 'bad-input')),
  done('tidemark.reminder.done', http('recent-get', 'bad-input')),
  done('tidemark.reminder.list', http('bad-input')),
]);

/** What administrators do to the portal: `/admin/` stands on these. */
const admin = onPage('ours', [
  done('tidemark.people.list', http('admin-people')),
  done('tidemark.people.add', http('admin-people')),
  done('tidemark.people.change', http('admin-people')),
  done('tidemark.people.password', http('admin-people')),
  done('tidemark.people.link', http('admin-people')),
  done('tidemark.people.signout', http('admin-people')),
  done('tidemark.chats.list', http('admin-chats')),
  done('tidemark.chats.members', http('admin-chats')),
  done('tidemark.chats.delete', http('admin-chats')),
  done('tidemark.webhooks.list', http('admin-access')),
  done('tidemark.webhooks.add', http('admin-access')),
  done('tidemark.webhooks.hold', http('admin-access')),
  done('tidemark.webhooks.delete', http('admin-access')),
  done('tidemark.applications.list', http('admin-access')),
  done('tidemark.applications.add', http('admin-access')),
  done('tidemark.applications.change', http('admin-access')),
  done('tidemark.applications.secret', http('admin-access')),
  done('tidemark.applications.delete', http('admin-access')),
  done('tidemark.settings.get', http('admin-portal')),
  done('tidemark.settings.set', http('admin-portal')),
  done('tidemark.rehearsals.list', http('admin-portal')),
  done('tidemark.rehearsals.set', http('admin-portal')),
  done('tidemark.rehearsals.clear', http('admin-portal')),
  done('tidemark.deliveries.list', http('admin-deliveries')),
  done('tidemark.deliveries.addresses', http('admin-deliveries')),
  done('tidemark.deliveries.replay', http('admin-deliveries')),
  done('tidemark.calls.list', http('admin-calls')),
  done('tidemark.figures.get', http('admin-calls')),
]);

export const matrix: ReadonlyArray<MatrixRow> = [
  ...recent, ...dialogs, ...messages, ...chats, ...people, ...notifications, ...files, ...disk, ...events, ...users, ...departments, ...system, ...push, ...own, ...admin,
];
