/** What a portal has to ask for: each is asked with ids of its own, which never leave it. */
import { lazily } from '../base/lazily.ts';
import type { Outcome, Portal } from './portal.ts';

type Row = Readonly<Record<string, unknown>>;

/** Of each sort of chat so many are looked at, and of everything so many. */
const OF_A_SORT = 2;
const AT_MOST = 8;

export class Findings {
  readonly #portal: Portal;
  readonly #own = lazily(async () => rowOf(await this.#portal.call('profile')));
  readonly #recent = lazily(async () => rowsOf(await this.#portal.call('im.recent.get')));
  readonly #messages = lazily(() => this.#readMessages());
  readonly #departments = lazily(async () => rowsOf(await this.#portal.call('department.get')));

  constructor(portal: Portal) {
    this.#portal = portal;
  }

  /** Of the webhook's owner. */
  async self(): Promise<string[]> {
    return ids([(await this.#own())['ID']]);
  }

  /** Others with whom there is a private dialog. */
  async others(): Promise<string[]> {
    const found = (await this.#recent()).filter((row) => /^\d+$/.test(textOf(row['id'])));
    return ids(found.map((row) => row['id'])).slice(0, AT_MOST);
  }

  /** The owner and some others, if there are others. */
  async people(): Promise<string[]> {
    return [...(await this.self()), ...(await this.others())];
  }

  /** Ids of chats that are no private dialogs, of each sort. */
  async chats(): Promise<string[]> {
    return ids((await this.#groups()).map((row) => row['chat_id']));
  }

  /** The same as dialogs: `chat5`. */
  async groups(): Promise<string[]> {
    return (await this.chats()).map((id) => `chat${id}`);
  }

  async dialogs(): Promise<string[]> {
    return [...(await this.groups()), ...(await this.others())];
  }

  /** What chats stand for: type and id of an entity. */
  async entities(): Promise<Array<{ type: string; id: string }>> {
    const chats = (await this.#groups()).map((row) => asRow(row['chat']));
    const found = chats.map((chat) => ({ type: textOf(chat['entity_type']), id: textOf(chat['entity_id']) }));
    return found.filter(({ type, id }) => type !== '' && id !== '').slice(0, OF_A_SORT);
  }

  /** Files of chats, each with the dialog in which it is. */
  async files(): Promise<Array<{ dialog: string; id: string }>> {
    const found = (await this.#messages()).flatMap(({ dialog, files }) => ids(files.map((file) => file['id'])).map((id) => ({ dialog, id })));
    return found.slice(0, OF_A_SORT);
  }

  /** Texts by which something should be found: the beginnings of the owner's name, and of a chat's title. */
  async words(): Promise<string[]> {
    const texts = [textOf((await this.#own())['NAME']), ...(await this.#groups()).map((row) => textOf(row['title']))];
    const words = texts.map((text) => /[\p{L}\p{N}]{3,}/u.exec(text)?.[0].slice(0, 4) ?? '');
    return [...new Set(words.filter((word) => word !== ''))].slice(0, OF_A_SORT);
  }

  async departments(): Promise<string[]> {
    return ids((await this.#departments()).map((row) => row['ID'])).slice(0, AT_MOST);
  }

  /** In which the files are. */
  async folders(): Promise<string[]> {
    const files = [];
    for (const { id } of await this.files()) files.push(rowOf(await this.#portal.call('disk.file.get', { id })));
    return [...new Set(ids(files.map((file) => file['PARENT_ID'])))];
  }

  async #groups(): Promise<Row[]> {
    const groups = (await this.#recent()).filter((row) => textOf(row['id']).startsWith('chat'));
    const bySort = Map.groupBy(groups, (row) => textOf(asRow(row['chat'])['type']));
    return [...bySort.values()].flatMap((rows) => rows.slice(0, OF_A_SORT)).slice(0, AT_MOST);
  }

  async #readMessages(): Promise<Array<{ dialog: string; files: Row[] }>> {
    const found = [];
    for (const dialog of await this.dialogs()) {
      const { body } = await this.#portal.call('im.dialog.messages.get', { DIALOG_ID: dialog, LIMIT: 50 });
      found.push({ dialog, files: asRows(asRow(asRow(body)['result'])['files']) });
    }
    return found;
  }
}

function rowOf({ body }: Outcome): Row {
  return asRow(asRow(body)['result']);
}

function rowsOf({ body }: Outcome): Row[] {
  return asRows(asRow(body)['result']);
}

function asRow(value: unknown): Row {
  return typeof value === 'object' && value !== null ? (value as Row) : {};
}

function asRows(value: unknown): Row[] {
  return (Array.isArray(value) ? value : []).map(asRow);
}

function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

/** Those of them that are ids. */
function ids(values: readonly unknown[]): string[] {
  return values.map(textOf).filter((id) => /^[1-9]\d{0,14}$/.test(id));
}
