import type { Text } from '../lib/i18n.ts';

export const en = {
  skip: 'Skip to the page', sections: 'Sections', toInbox: 'To the inbox', dark: 'Dark', light: 'Light', signOut: 'Sign out', signIn: 'Sign in', close: 'Close', cancel: 'Cancel', save: 'Save',
  saveOf: 'Save {name}', saved: 'Saved', done: 'Done', add: 'Add', change: 'Change', changeOf: 'Change {name}', delete: 'Delete', deleteOf: 'Delete {name}', remove: 'Remove', set: 'Set', begin: 'Begin', copy: 'Copy',
  copied: 'Copied', gotIt: 'I have it', retry: 'Try again', refresh: 'Refresh', loading: 'Loading', show: 'Show', sort: 'Most of', all: 'All', name: 'Name', state: 'State', actions: 'Actions', created: 'Made', method: 'Method', scopes: 'Scopes',
  everybody: 'Everybody', everyMethod: 'every method', untitled: 'Without a name', held: 'Blocked', works: 'Works', hold: 'Block', holdOf: 'Block {name}', release: 'Release', releaseOf: 'Release {name}',
  revoke: 'Revoke', revokeOf: 'Revoke {name}', endOf: 'End what is rehearsed with {name}', switchOn: 'Switch on', switchOff: 'Switch off', pages: 'Pages', rows: '{from}–{to} of {total}', earlier: 'Previous', later: 'Next',
  shownOnce: 'Shown this once and stored nowhere. Copy it now.', sessionLost: 'You are signed out', sessionLostText: 'The session has ended. Sign in to go on.',
  'unit.seconds': 's', 'unit.MB': 'MB', 'unit.ms': 'ms',
  'error.NETWORK': 'The server cannot be reached.', 'error.SESSION': 'You are signed out.', 'error.ACCESS_DENIED': 'Only an administrator may do this.',
  'error.EMAIL_TAKEN': 'Another user has this e-mail address.', 'error.LAST_ADMINISTRATOR': 'The last active administrator must stay one.',
  'error.NOT_DELETABLE': 'Private dialogs, comments, the general chat and chats of workgroups cannot be deleted.',

  'section.figures': 'Overview', 'section.people': 'People', 'section.departments': 'Departments', 'section.chats': 'Chats', 'section.webhooks': 'Webhooks', 'section.applications': 'Applications',
  'section.settings': 'Plan and switches', 'section.rehearsals': 'Rehearsals', 'section.deliveries': 'Event deliveries', 'section.calls': 'Last calls',

  'people.text': 'Everybody who is or was here, and what they sign in by.', 'people.add': 'Add somebody', 'people.find': 'Find by name, position, e-mail or number', 'people.none': 'Nobody like that.',
  'people.active': 'Active people', 'people.administrators': 'Administrators', 'people.guests': 'Guests', 'people.bots': 'Bots', 'people.dismissed': 'Dismissed', 'people.all': 'Everybody',
  'people.position': 'Position', 'people.kind': 'Role', 'people.signIn': 'Sign-in', 'people.lastActivity': 'Last active', 'people.actionsOf': 'Actions for {name}',
  'people.isAdmin': 'Administrator', 'people.isGuest': 'Guest', 'people.isBot': 'Bot', 'people.isDismissed': 'Dismissed', 'people.isMember': 'Member',
  'people.hasPassword': 'Password', 'people.noPassword': 'No password', 'people.sessions': { one: '{n} session', other: '{n} sessions' },
  'people.first': 'First name', 'people.last': 'Last name', 'people.email': 'E-mail', 'people.emailHint': 'To sign in by. Nothing is sent to it.', 'people.makeAdmin': 'Make administrator', 'people.makeGuest': 'A guest: sees only shared chats', 'people.makeBot': 'A bot',
  'people.added': 'Added. Here is a way in', 'people.link': 'Sign-in link', 'people.linkText': 'Signs them in once, within ten minutes. Shown this once.', 'people.linkOf': 'A link for {name}', 'people.newLink': 'Make a sign-in link',
  'people.newPassword': 'Set a password', 'people.password': 'Password', 'people.passwordText': '{name} is signed out everywhere.', 'people.passwordHint': 'Eight characters or more. Left empty, one is made and shown once.',
  'people.signOut': 'End all sessions', 'people.signOutText': '{name} is signed out in every browser. Webhooks and applications go on.',
  'people.makeAdminText': '{name} will be able to do everything that this page does.', 'people.noAdmin': 'Administrator no longer', 'people.noAdminText': '{name} keeps chats and messages, and loses this page.',
  'people.dismiss': 'Dismiss', 'people.dismissText': '{name} can no longer sign in; sessions, webhooks and tokens stop working. What they wrote stays.', 'people.dismissSelf': 'This is you: you are signed out at once, and somebody else has to take you back.', 'people.restore': 'Take back',

  'departments.text': 'The structure of the company.', 'departments.add': 'Add a department', 'departments.none': 'No departments.', 'departments.head': 'Head', 'departments.above': 'Below', 'departments.delete': 'Delete the department',
  'departments.deleteText': 'The people in {name} and the departments below it come to the one above.',

  'chats.text': 'All chats there are, whoever is in them. Their words are not shown here.', 'chats.find': 'Find by title or number', 'chats.none': 'No such chat.', 'chats.title': 'Chat', 'chats.kind': 'Kind', 'chats.owner': 'Owner', 'chats.lastActivity': 'Last activity',
  'chats.dialog': 'Private', 'chats.group': 'Group', 'chats.open': 'Open', 'chats.channel': 'Channel', 'chats.open_channel': 'Open channel', 'chats.comments': 'Comments', 'chats.lines': 'Open line', 'chats.collab': 'Collab', 'chats.bound': 'Bound',
  'chats.by.activity': 'Activity', 'chats.by.messages': 'Messages', 'chats.by.members': 'Members', 'chats.by.files': 'Files', 'chats.by.id': 'Newest',
  'chats.membersOf': { one: '{n} member of {name}', other: '{n} members of {name}' }, 'chats.membersTitle': 'Members of {name}', 'chats.nobody': 'Nobody is in it.', 'chats.role': 'Role', 'chats.joined': 'Joined',
  'chats.role.owner': 'Owner', 'chats.role.manager': 'Manager', 'chats.role.member': 'Member', 'chats.role.guest': 'Guest',
  'chats.delete': 'Delete the chat', 'chats.deleteText': '{name}: {members} members lose it at once, and {messages} messages go with their files. This cannot be undone.',

  'webhooks.text': 'Addresses by which scripts act as somebody.', 'webhooks.add': 'Add a webhook', 'webhooks.none': 'No webhooks.', 'webhooks.title': 'Name', 'webhooks.titleHint': 'What it is for.', 'webhooks.user': 'Acts as', 'webhooks.userHint': 'It may do what they may, within its scopes.', 'webhooks.lastUsed': 'Last used',
  'webhooks.revoke': 'Revoke the webhook', 'webhooks.revokeText': 'Whoever uses {name} is refused from now on. This cannot be undone.', 'webhooks.added': 'The webhook', 'webhooks.address': 'Address',

  'applications.text': 'Programs that people sign in to with their account here.', 'applications.add': 'Add an application', 'applications.none': 'No applications.', 'applications.redirect': 'Leads back to', 'applications.redirectHint': 'Where a sign-in ends. Empty: the code is shown instead.',
  'applications.handler': 'Told of its installation at', 'applications.handlerHint': 'Empty for nowhere.', 'applications.users': 'For', 'applications.usersHint': 'Numbers of users, with commas between them. Empty for everybody.',
  'applications.someUsers': { one: '{n} user', other: '{n} users' }, 'applications.added': 'The application', 'applications.newSecret': 'New secret', 'applications.newSecretText': 'The secret of {name} stops working at once; tokens go on.',
  'applications.remove': 'Remove the application', 'applications.removeText': 'Tokens and event handlers of {name} stop working. This cannot be undone.',

  'settings.text': 'Each change holds at once, on every node.', 'settings.portal': 'Portal', 'settings.plan': 'Plan and limits', 'settings.files': 'Files', 'settings.testing': 'For those who write against the API', 'settings.closing': 'Closing', 'settings.others': 'More',
  'settings.sure.closed': 'Every call fails from now on, this page\'s too. Only the command line opens the portal again: tidemark portal set --no-closed', 'settings.sure.require-https': 'Plain HTTP is refused from now on. If you are here by plain HTTP, open this page by HTTPS afterwards.',
  'setting.name': 'Name', 'setting.url': 'Address', 'setting.timezone': 'Time zone', 'setting.docs': 'Documentation', 'setting.link-previews': 'Link previews', 'setting.plan': 'Plan', 'setting.rest-plan': 'REST', 'setting.operating-limit': 'Operating time', 'setting.edit-limit': 'Editing',
  'setting.file-limit': 'Largest file', 'setting.user-quota': 'Room for one user', 'setting.portal-quota': 'Room in all', 'setting.rehearsals': 'Rehearsals', 'setting.private-handlers': 'Private handlers', 'setting.calls': 'Last calls',
  'setting.movable-clock': 'Movable clock', 'setting.code-ttl': 'Life of codes', 'setting.access-ttl': 'Life of access tokens', 'setting.refresh-ttl': 'Life of refresh tokens', 'setting.require-https': 'HTTPS only', 'setting.closed': 'Closed',

  'rehearsals.text': 'Make calls fail or wait on purpose, to see what a client does.', 'rehearsals.add': 'Rehearse an error', 'rehearsals.none': 'Nothing is rehearsed.', 'rehearsals.off': 'This portal does not allow rehearsals.',
  'rehearsals.whose': 'Whose calls', 'rehearsals.webhook': 'Webhook', 'rehearsals.what': 'What happens', 'rehearsals.waits': 'wait {ms} ms', 'rehearsals.left': 'For', 'rehearsals.untilCleared': 'until ended', 'rehearsals.calls': { one: '{n} call', other: '{n} calls' }, 'rehearsals.end': 'End',
  'rehearsals.error': 'Error', 'rehearsals.noError': 'None: calls only wait', 'rehearsals.own': 'Another code', 'rehearsals.ownHint': 'One that the method declares, in place of the error above.', 'rehearsals.methodHint': 'Such as im.message.add. Empty for every method.', 'rehearsals.next': 'How many calls', 'rehearsals.rate': 'Which share of the calls', 'rehearsals.rateHint': 'Such as 0.1, until ended; in place of a number of calls.', 'rehearsals.delay': 'Calls wait first, ms',

  'deliveries.text': 'What applications are told of, what they did not take, and why. Kept for a week.', 'deliveries.addresses': 'Addresses', 'deliveries.noAddresses': 'Nothing was sent anywhere in the last week.', 'deliveries.events': 'Events', 'deliveries.none': 'No such events.', 'deliveries.address': 'Address', 'deliveries.gone': 'Application is gone',
  'deliveries.failed': 'Failed', 'deliveries.waiting': 'Waiting', 'deliveries.done': 'Taken', 'deliveries.failedAt': 'Last failure', 'deliveries.event': 'Event', 'deliveries.why': 'Last answer', 'deliveries.attempts': { one: '{n} attempt', other: '{n} attempts' }, 'deliveries.next': 'Next attempt',
  'deliveries.replay': 'Replay', 'deliveries.replayAll': 'Replay all', 'deliveries.replayOf': 'Replay {name}', 'deliveries.replayed': 'It is being told again',

  'calls.text': 'The last thousand calls of this server, in its memory alone; secrets are masked.', 'calls.off': 'Calls are not written down at the moment. They show parameters, also words of private messages.', 'calls.none': 'No calls yet.', 'calls.method': 'Method, such as im.recent.get or im.*', 'calls.errors': 'Failed ones only',
  'calls.pause': 'Pause', 'calls.go': 'Go on', 'calls.rehearsed': 'Rehearsed', 'calls.statements': { one: '{n} statement', other: '{n} statements' }, 'calls.page': 'page', 'calls.nobody': 'nobody', 'calls.user': 'user {id}',

  'figures.text': '{node} on {engine}: the last five minutes, looked at while this page is open.', 'figures.ago': '{n} min ago', 'figures.top': 'highest {top}', 'figures.label': '{title}, last five minutes: {now}; highest {top}',
  'figures.requests': 'Requests a second', 'figures.latency': 'Answer time', 'figures.pushes': 'Pushes a second', 'figures.statements': 'Statements a second', 'figures.waits': 'Unit of work', 'figures.database': 'Database', 'figures.hits': 'Lists from memory', 'figures.lists': 'Kept lists', 'figures.memory': 'Memory', 'figures.processor': 'Processor',
  'figures.line.all': 'all', 'figures.line.errors': 'errors', 'figures.line.p50': 'p50', 'figures.line.p99': 'p99', 'figures.line.pushes': 'pushes', 'figures.line.listeners': 'listeners', 'figures.line.statements': 'statements', 'figures.line.roundTrips': 'waits', 'figures.line.unit': 'ms', 'figures.line.retries': 'retries/s',
  'figures.line.size': 'size', 'figures.line.hitRate': 'hits', 'figures.line.listsBytes': 'memory', 'figures.line.process': 'process', 'figures.line.heap': 'heap', 'figures.line.processor': 'busy',
} as const satisfies Readonly<Record<string, Text>>;
