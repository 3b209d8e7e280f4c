/** The lines that the messenger itself writes. People are named by a mention, so a later rename shows. */
import type { UserRow } from '../../db/stores/user-store.ts';
import { quotedName } from '../views/markup.ts';
import { fullName } from '../views/user-view.ts';

const NAMED_AT_MOST = 20;

export const systemTexts = {
  created: (owner: UserRow, title: string) => `${mention(owner)} created the chat "${quotedName(title)}"`,
  invited: (actor: UserRow, users: readonly UserRow[]) => ({
    text: `${mention(actor)} invited ${list(users)} to the chat`,
    params: { CODE: ['CHAT_JOIN'], NOTIFY: 'N' },
  }),
  joined: (user: UserRow) => ({ text: `${mention(user)} joined the chat`, params: { CODE: ['CHAT_JOIN'], NOTIFY: 'N' } }),
  left: (user: UserRow) => ({ text: `${mention(user)} left the chat`, params: { CODE: ['CHAT_LEAVE'], NOTIFY: 'N' } }),
  removed: (actor: UserRow, user: UserRow) => ({
    text: `${mention(actor)} removed ${mention(user)} from the chat`,
    params: { CODE: ['CHAT_LEAVE'], NOTIFY: 'N' },
  }),
  recoloured: (actor: UserRow, color: string) => `${mention(actor)} changed the chat color to "${color}"`,
  pictured: (actor: UserRow) => `${mention(actor)} changed the chat avatar`,
  passedOn: (actor: UserRow, owner: UserRow) => `${mention(actor)} made ${mention(owner)} the owner of the chat`,
  renamed: (actor: UserRow, title: string) => `${mention(actor)} renamed the chat to "${quotedName(title)}"`,
};

function mention(user: UserRow): string {
  return `[USER=${user.id} REPLACE]${quotedName(fullName(user))}[/USER]`;
}

function list(users: readonly UserRow[]): string {
  const named = users.slice(0, NAMED_AT_MOST).map(mention).join(', ');
  const more = users.length - NAMED_AT_MOST;
  return more > 0 ? `${named} and ${more} more` : named;
}
