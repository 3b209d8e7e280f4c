/** All chats there are: how large they are, who is in them, and deleting one. */
import { z } from 'zod';
import { CHAT_SORTS, deleteChat, type ListedChat, lookUpChats, lookUpMembers } from '../../messenger/chats/all-chats.ts';
import { roleName } from '../../messenger/access/rights.ts';
import { atom, atomOrFalse, int as number } from '../../messenger/views/scalars.ts';
import type { Zone } from '../../base/dates.ts';
import { error } from '../../rest/method.ts';
import { id, text } from '../../rest/params.ts';
import { adminMethod, choice, nameOf, paged, pageIn, pages } from './kit.ts';

const KINDS = { dialog: 'P', group: 'C', open: 'O', channel: 'N', open_channel: 'J', comments: 'T', lines: 'L', collab: 'B', bound: 'X' } as const;
type Kind = keyof typeof KINDS;
const KIND_NAMES = Object.keys(KINDS) as Kind[];

const chatShape = z.strictObject({
  id: number,
  kind: z.enum(KIND_NAMES as [Kind, ...Kind[]]),
  title: z.string().describe('Of a private dialog, whose it is'),
  owner: z.union([z.strictObject({ id: number, name: z.string() }), z.literal(false)]),
  entity: z.string().describe('What it belongs to, as TYPE ID; empty for nothing'),
  members: number,
  messages: number,
  file_bytes: number.describe('Of all files sent in it'),
  created: atom,
  last_activity: atomOrFalse,
});

function view({ chat, owner, pair }: ListedChat, zone: Zone): z.input<typeof chatShape> {
  const kind = KIND_NAMES.find((name) => KINDS[name] === chat.type) ?? 'group';
  return {
    id: chat.id, kind, title: kind === 'dialog' ? pair.map(nameOf).join(' – ') : chat.title,
    owner: owner && kind !== 'dialog' ? { id: owner.id, name: nameOf(owner) } : false,
    entity: chat.entity_type === '' ? '' : `${chat.entity_type} ${chat.entity_id}`,
    members: chat.member_count, messages: chat.message_count, file_bytes: chat.file_bytes,
    created: zone.atom(chat.created_at), last_activity: chat.bumped_at > 0 && zone.atom(chat.bumped_at),
  };
}

const list = adminMethod({
  name: 'tidemark.chats.list',
  summary: 'All chats there are, whoever is in them, with their size and activity',
  params: {
    FIND: text({ description: 'How the words of titles begin, or a number', max: 200 }),
    KIND: choice({ description: 'Which kind, all unless given', words: KIND_NAMES }),
    SORT: choice({ description: 'What those first have most of, activity unless given', words: CHAT_SORTS }),
    ...pages,
  },
  example: { SORT: 'messages' },
  result: z.array(chatShape),
  errors: {},
  async run({ context: { messenger: m }, params, start }) {
    const page = pageIn(params, start);
    const { zone } = await m.settings();
    const types = params.KIND ? [KINDS[params.KIND]] : [];
    const { rows, total } = await lookUpChats(m, { find: params.FIND ?? '', types, sort: params.SORT ?? 'activity', ...page });
    return paged(rows.map((row) => view(row, zone)), page, total);
  },
});

const CHAT_NOT_FOUND = error('CHAT_NOT_FOUND', 400, 'There is no such chat');

const members = adminMethod({
  name: 'tidemark.chats.members',
  summary: 'Who is in a chat, owner and managers first',
  params: { CHAT_ID: id({ description: 'Chat' }), ...pages },
  example: { CHAT_ID: 1 },
  result: z.array(z.strictObject({ id: number, name: z.string(), role: z.enum(['guest', 'member', 'manager', 'owner']), active: z.boolean(), guest: z.boolean(), joined: atom })),
  errors: { CHAT_NOT_FOUND },
  async run({ context: { messenger: m }, params, start, fail }) {
    const page = pageIn(params, start);
    const { zone } = await m.settings();
    const { rows, total } = (await lookUpMembers(m, params.CHAT_ID, page)) ?? fail('CHAT_NOT_FOUND');
    const shown = rows.map((row) => ({
      id: row.id, name: nameOf(row), role: roleName(row.role), active: row.active === 1, guest: row.extranet === 1, joined: zone.atom(row.joined_at),
    }));
    return paged(shown, page, total);
  },
});

const remove = adminMethod({
  name: 'tidemark.chats.delete',
  summary: 'Deletes a group chat with all that was said and sent in it. Of a large one each call takes a part: call again until nothing is left',
  params: { CHAT_ID: id({ description: 'Chat' }) },
  example: { CHAT_ID: 7 },
  result: z.strictObject({ left: number.describe('Members and messages that are still there; 0 once it is gone') }),
  errors: { CHAT_NOT_FOUND, NOT_DELETABLE: error('NOT_DELETABLE', 400, 'A private dialog, comments, the general chat and chats of workgroups cannot be deleted') },
  async run({ context: { messenger: m }, caller, params, fail }) {
    const outcome = await deleteChat(m, caller, params.CHAT_ID);
    if (outcome.ok) return { left: outcome.value };
    return fail(outcome.reason === 'no_chat' ? 'CHAT_NOT_FOUND' : 'NOT_DELETABLE');
  },
});

export const allChatMethods = [list, members, remove];
