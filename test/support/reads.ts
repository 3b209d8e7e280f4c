/** Asks a portal everything that can be read, as everybody: two portals that answer alike are alike. */
import { createHash } from 'node:crypto';
import { addWebhook, SCOPES } from '../../src/identity/webhooks.ts';
import { callerOf, validCalls } from '../compat/valid-calls.ts';
import type { Scene } from '../compat/scene.ts';
import { clientFor, type Client } from './client.ts';
import { runs } from './runs.ts';
import type { TestServer } from './server.ts';

/** The methods that change something; all others are asked. */
const CHANGES = new Set(`im.recent.pin im.recent.unread im.recent.hide im.dialog.read im.dialog.unread im.dialog.read.all im.dialog.writing im.message.add
  im.message.update im.message.like im.message.delete im.message.share tidemark.message.react tidemark.message.pin tidemark.comments.open im.chat.add
  im.chat.user.add im.chat.user.delete im.chat.leave im.chat.updateTitle im.chat.updateColor im.chat.updateAvatar im.chat.setOwner im.chat.setManager
  tidemark.chat.permissions.set im.chat.mute im.v2.File.upload im.disk.file.commit im.disk.file.save im.disk.file.delete disk.storage.uploadFile
  disk.folder.uploadFile disk.folder.addSubfolder disk.file.delete disk.file.getExternalLink im.notify im.notify.personal.add im.notify.system.add im.notify.delete im.notify.confirm
  im.notify.answer im.notify.read im.notify.read.list im.notify.read.all im.v2.Event.subscribe im.v2.Event.unsubscribe im.search.last.add
  im.search.last.delete im.user.status.set im.user.status.idle.start im.user.status.idle.end department.add department.update department.delete
  user.add user.update app.option.set user.option.set event.bind event.unbind event.test pull.watch.extend pull.application.event.add
  pull.application.push.add event.offline.get event.offline.clear event.offline.error tidemark.reminder.add tidemark.reminder.done tidemark.people.add
  tidemark.people.change tidemark.people.password tidemark.people.link tidemark.people.signout tidemark.chats.delete tidemark.webhooks.add
  tidemark.webhooks.hold tidemark.webhooks.delete tidemark.applications.add tidemark.applications.change tidemark.applications.secret
  tidemark.applications.delete tidemark.settings.set tidemark.rehearsals.set tidemark.rehearsals.clear tidemark.deliveries.replay`.split(/\s+/));

/** What one process answers of itself, or gives for its own connections only. */
const OF_THE_PROCESS = new Set(['tidemark.figures.get', 'user.online', 'pull.api.user.getLastSeen', 'tidemark.calls.list', 'pull.config.get', 'pull.application.config.get', 'pull.channel.public.get', 'pull.channel.public.list']);

const valid = Object.entries(validCalls);

/** After these others would be refused. */
const ends = (method: string) => /delete|leave|unbind|unsubscribe|clear|signout/i.test(method);

/** Makes every call once that changes something, whatever becomes of it. @param undo those too by which something ends */
export async function changeEverything(scene: Scene, undo: boolean): Promise<void> {
  const changing = valid.filter(([method]) => CHANGES.has(method));
  for (const [method, call] of [...changing.filter(([name]) => !ends(name)), ...changing.filter(([name]) => undo && ends(name))]) {
    // What a call needs may have been undone by one before.
    const params = await Promise.resolve(scene).then(call.params ?? (() => ({}))).catch(() => undefined);
    if (params) await callerOf(scene, call).raw(method, resolved(params));
  }
}

const resolved = (params: Record<string, unknown>) => Object.fromEntries(Object.entries(params).map(([name, value]) => [name, typeof value === 'function' ? (value as () => unknown)() : value]));

interface Question {
  as: Client;
  method: string;
  params: Record<string, unknown>;
}

/** Everybody asks where everything is tried, else beside the newest scene's people every ninth. */
const EVERY = 13 - runs(12);

/** What people can ask, the newest scene's and some of the others: each method with parameters with which it succeeds for somebody, about each of their chats, and by two about all people and files. */
export async function questionsOf(portal: TestServer, scene: Scene): Promise<Question[]> {
  const { db, clock } = portal.server.context;
  const ids = (table: 'user' | 'disk_object') => db.read((s) => s.query((q) => q.selectFrom(table).select('id').orderBy('id'))).then((rows) => rows.map(({ id }) => id));
  const [users, objects] = [await ids('user'), await ids('disk_object')];
  const members = await db.read((s) => s.query((q) => q.selectFrom('member').select(['user_id', 'chat_id']).orderBy('chat_id')));
  const chatsOf = (userId: number) => members.filter((member) => member.user_id === userId).map((member) => member.chat_id);
  const callers: Client[] = [scene.annasApp, scene.adminsApp];
  const people = [scene.anna, scene.boris, scene.clara, scene.guest].map(({ userId }) => userId);
  for (const id of users.filter((user) => user % EVERY === 0 || people.includes(user))) {
    const webhook = await addWebhook(db, clock, { userId: id, scopes: SCOPES, title: 'reader' });
    if (webhook) callers.push(clientFor(`${portal.http}/rest/${id}/${webhook.code}/`, id));
  }
  const reads = valid.filter(([method]) => !CHANGES.has(method) && !OF_THE_PROCESS.has(method));
  const known = await Promise.all(reads.map(async ([method, { params }]) => ({ method, params: resolved((await params?.(scene)) ?? {}) })));
  const about = [...known, ...lists(clock.now())];
  const things = [...users.map((ID) => ({ method: 'im.user.get', params: { ID } })), ...objects.map((ID) => ({ method: 'disk.file.get', params: { ID } }))];
  return callers.flatMap((as) => [...about, ...chatsOf(as.userId).flatMap(ofChat), ...(as.userId === scene.anna.userId || as.userId === 1 ? things : [])].map((question) => ({ as, ...question })));
}

function lists(now: number): Array<Omit<Question, 'as'>> {
  const day = (before: number) => new Date(now - before * 86_400_000).toISOString();
  return [
    ...['SKIP_OPENLINES', 'SKIP_CHAT', 'SKIP_DIALOG', 'UNREAD_ONLY'].flatMap((flag) => ['im.recent.get', 'im.recent.list'].map((method) => ({ method, params: { [flag]: 'Y' } }))),
    { method: 'im.recent.list', params: { LIMIT: 5 } },
    { method: 'im.recent.list', params: { LIMIT: 7, OFFSET: 7 } },
    ...[0, 1, 30, 300].flatMap((days) => [{ method: 'im.recent.get', params: { LAST_SYNC_DATE: day(days) } }, { method: 'im.recent.get', params: { LAST_UPDATE: day(days) } }]),
    { method: 'im.recent.list', params: { LAST_MESSAGE_DATE: day(2), LIMIT: 3 } },
    { method: 'tidemark.messages.search', params: { TEXT: 'said' } },
    { method: 'tidemark.messages.search', params: { TEXT: 'the' } },
    { method: 'user.get', params: { start: 0, FILTER: { ACTIVE: true } } },
  ];
}

function ofChat(id: number): Array<Omit<Question, 'as'>> {
  return [
    { method: 'im.dialog.get', params: { DIALOG_ID: `chat${id}` } },
    { method: 'im.dialog.messages.get', params: { DIALOG_ID: `chat${id}`, LIMIT: 50 } },
    { method: 'im.chat.user.list', params: { CHAT_ID: id } },
    { method: 'tidemark.message.pinned.list', params: { DIALOG_ID: `chat${id}` } },
    { method: 'im.dialog.messages.search', params: { CHAT_ID: id, SEARCH_MESSAGE: 'a' } },
  ];
}

/** What one server says of itself: tokens that it alone can read, times that it took, and who was there while it was asked, which it notes now and then. */
const OWN_FIELDS = /^(token|result_time|readed_list|last_?activity(_?date)?|last_login|last_used|is_online|status)$/i;

/** Where a server of a test is, or was when the address of a picture was kept with its chat. */
const LOOPBACK = /https?:\/\/127\.0\.0\.1:\d+/g;

/** What was answered to each question, without what says when and where. */
export async function answersOf(portal: TestServer, questions: readonly Question[]): Promise<string[]> {
  const answers: string[] = [];
  for (const { as, method, params } of questions) {
    const { status, body } = await clientFor(as.url.replace(/^https?:\/\/[^/]+/, portal.http), as.userId).raw(method, params);
    delete body['time'];
    const text = JSON.stringify(body, (key, value: unknown) => (OWN_FIELDS.test(key) ? undefined : value));
    answers.push(`${as.userId} ${method} ${JSON.stringify(params)}: ${status} ${text.replaceAll(LOOPBACK, 'HERE')}`);
  }
  return answers;
}

/** The SHA-256 of what lies at each address of a file that the answers name. */
export async function filesOf(portal: TestServer, answers: readonly string[]): Promise<Record<string, string>> {
  const addresses = new Set(answers.flatMap((answer) => [...answer.matchAll(/"(?:url_?download|url_?preview|DOWNLOAD_URL|downloadUrl)":"HERE([^"]+)"/gi)].map(([, path]) => path!)));
  const found: Record<string, string> = {};
  for (const path of addresses) {
    const response = await fetch(portal.http + path);
    found[path] = `${response.status} ${createHash('sha256').update(Buffer.from(await response.arrayBuffer())).digest('hex')}`;
  }
  return found;
}
