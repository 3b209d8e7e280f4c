/** Turns a conversation of the demo portal into dated steps, each done through the domain as a client would. */
import { Readable } from 'node:stream';
import { createChat, type NewChat } from '../messenger/chats/chats.ts';
import type { DialogRef } from '../messenger/access/dialogs.ts';
import type { Viewer } from '../messenger/access/viewer.ts';
import { chatFolder } from '../messenger/files/chat-files.ts';
import { uploadTo } from '../messenger/files/disk.ts';
import type { FileStore } from '../messenger/files/storing.ts';
import { editMessage, removeMessage } from '../messenger/messages/messages.ts';
import { sendMessage } from '../messenger/messages/sending.ts';
import type { Messenger } from '../messenger/messenger.ts';
import type { Outcome } from '../base/outcome.ts';
import { readDialog } from '../messenger/reading/reading.ts';
import { addReminder } from '../messenger/messages/reminders.ts';
import { hideRow, markUnread, muteChat, pinRow } from '../messenger/recent/row-state.ts';
import { fullName } from '../messenger/views/user-view.ts';
import type { DemoFile } from './files.ts';
import { idOf, isInside, type Line, type Name, person, type Room, type RowAct, type Script } from './data.ts';

const MINUTE_MS = 60_000;
/** How long after the last line it is read, and what follows happens. */
const READ_MS = 30_000;
const CHANGE_MS = 60_000;
const ACT_MS = 90_000;

/** Whose portal it is. */
const HOST: Name = 'nora';

export interface Step {
  /** Milliseconds. */
  at: number;
  by: Name;
  run(): Promise<unknown>;
}

/** The value of something that must not be refused: a refusal is a mistake in the tables. */
export function must<T, Reason extends string>(outcome: Outcome<T, Reason>): T {
  if (!outcome.ok) throw new Error(`the demo portal cannot be furnished: ${outcome.reason}`);
  return outcome.value;
}

/** When each line is written, milliseconds: counted back from the last, with pauses that differ but not by chance. */
function timesOf({ ago, lines }: Script, now: number): number[] {
  const times: number[] = [];
  let at = Math.round(now - ago * MINUTE_MS) - (lines.at(-1)![1].length % 50) * 1000;
  for (let i = lines.length - 1; i >= 0; i--) {
    times[i] = at;
    const [, , extra = {}] = lines[i]!;
    const pause = extra.pause ?? (extra.system ? 0 : 1 + ((i * 5) % 7));
    at -= pause * MINUTE_MS + (extra.system ? 0 : ((i * 17) % 50) * 1000);
  }
  return times;
}

/** One conversation, of which it remembers the ids that the store has given. */
export class Scene {
  readonly #m: Messenger;
  readonly #blobs: FileStore;
  readonly #script: Script;
  readonly #times: readonly number[];
  readonly #end: number;
  readonly #last: number;
  readonly #messageIds: number[] = [];
  #chatId = 0;

  constructor(m: Messenger, blobs: FileStore, script: Script, now: number) {
    this.#m = m;
    this.#blobs = blobs;
    this.#script = script;
    this.#times = timesOf(script, now);
    this.#last = script.lines.length - 1;
    this.#end = this.#times[this.#last]!;
  }

  steps(): Step[] {
    const { room, lines, acts = [] } = this.#script;
    const opening = 'type' in room ? [{ at: this.#times[0]!, by: room.owner, run: () => this.#open(room) }] : [];
    return [
      ...opening,
      ...lines.map((line, i) => ({ at: this.#times[i]!, by: line[0], run: () => this.#say(line, i) })),
      ...this.#readings(),
      ...lines.flatMap((line, i) => this.#change(line, i)),
      ...acts.map((act) => ({ at: this.#end + ACT_MS, by: HOST, run: () => this.#act(act) })),
    ];
  }

  /** How somebody addresses the conversation. */
  #ref(by: Name): DialogRef {
    const { room } = this.#script;
    if ('type' in room) return { kind: 'chat', id: this.#chatId };
    return { kind: 'user', id: idOf(room[0] === by ? room[1] : room[0]) };
  }

  async #open({ owner, members, entity, ...look }: Room): Promise<void> {
    const start = String(Math.floor(this.#times[0]! / 1000));
    const chat: NewChat = { ...look, ownerId: idOf(owner), userIds: members.map(idOf) };
    if (entity) {
      Object.assign(chat, { entityType: entity.type, entityId: entity.id });
      chat.entityData = [entity.data?.replace('{start}', start) ?? '', '', ''];
    }
    this.#chatId = must(await createChat(this.#m, chat));
  }

  async #say([by, text, extra = {}]: Line, index: number): Promise<void> {
    const { params = {}, files = [], system = false, uuid, reply } = extra;
    const replyId = reply === undefined ? undefined : this.#messageIds[index - reply];
    const fileIds: number[] = [];
    for (const file of files) fileIds.push(await this.#upload(by, file));
    const send = { dialog: this.#ref(by), text: withMentions(text), params, fileIds, system, uuid, replyId };
    this.#messageIds[index] = must(await sendMessage(this.#m, viewerOf(by), send));
  }

  async #upload(by: Name, { name, content }: DemoFile): Promise<number> {
    const folderId = (await chatFolder(this.#m, viewerOf(by), this.#ref(by)))!;
    const upload = { folderId, name, numbered: true, bytes: Readable.from([Buffer.from(content)]) };
    return must(await uploadTo(this.#m, this.#blobs, viewerOf(by), upload)).id;
  }

  /** Whoever took part reads the end of it; the host reads as far as the script says. */
  #readings(): Step[] {
    const { lines, unread = 0, unseen } = this.#script;
    const authors = new Set(lines.map(([by]) => by));
    const readers = [...authors].filter((name) => name !== HOST && !person(name).gone);
    return [
      ...(this.#hostIsIn() ? this.#reading(HOST, this.#last - unread) : []),
      ...(unseen ? [] : readers.flatMap((name) => this.#reading(name, this.#last))),
    ];
  }

  /** Whoever wrote a line has read up to it by that. */
  #reading(by: Name, index: number): Step[] {
    const line = this.#script.lines[index];
    if (!line || line[0] === by) return [];
    const run = async () => must(await readDialog(this.#m, viewerOf(by), this.#ref(by), this.#messageIds[index]));
    return [{ at: this.#times[index]! + READ_MS, by, run }];
  }

  #hostIsIn(): boolean {
    const { room } = this.#script;
    const members = 'type' in room ? [room.owner, ...room.members] : room;
    return members.includes(HOST);
  }

  /** Edits and deletions come after the reading: what nobody has seen yet changes without a trace. */
  #change([by, , extra = {}]: Line, index: number): Step[] {
    if (extra.edit === undefined && !extra.deleted) return [];
    const run = async () => {
      const id = this.#messageIds[index]!;
      if (extra.deleted) must(await removeMessage(this.#m, viewerOf(by), id));
      else must(await editMessage(this.#m, viewerOf(by), id, { text: extra.edit, params: {}, marked: true }));
    };
    return [{ at: this.#end + CHANGE_MS, by, run }];
  }

  async #act(act: RowAct): Promise<unknown> {
    const [m, viewer, ref] = [this.#m, viewerOf(HOST), this.#ref(HOST)];
    switch (act) {
      case 'pin': return must(await pinRow(m, viewer, ref, true));
      case 'mute': return must(await muteChat(m, viewer, ref, true));
      case 'mark': return markUnread(m, viewer, ref, true);
      case 'remind': return must(await addReminder(m, viewer, this.#messageIds[this.#last]!, m.clock.now()));
      case 'hide': return hideRow(m, viewer, ref);
    }
  }
}

function viewerOf(name: Name): Viewer {
  return { userId: idOf(name), admin: name === HOST, insider: isInside(person(name)) };
}

function withMentions(text: string): string {
  return text.replace(/\{(\w+)\}/g, (_, name: Name) => {
    const { first, last } = person(name);
    const id = idOf(name);
    return `[USER=${id} REPLACE]${fullName({ id, first_name: first, last_name: last, email: '' })}[/USER]`;
  });
}
