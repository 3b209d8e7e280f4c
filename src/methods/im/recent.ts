import { z } from 'zod';
import { recentGet, recentGetAgain } from '../../messenger/recent/recent-get.ts';
import type { RecentAnswer } from '../../messenger/recent/unkept-list.ts';
import { listByToken } from '../../messenger/recent/changes.ts';
import { recentPage } from '../../messenger/recent/recent-list.ts';
import { hideRow, markUnread, pinRow } from '../../messenger/recent/row-state.ts';
import { listItemShape, recentItemShape } from '../../messenger/views/recent-item.ts';
import { keptPage, keptPageNow } from '../../messenger/recent/kept-page.ts';
import { type Again, EncodedJson, type JsonPieces, error, Paged, StreamedJson } from '../../rest/method.ts';
import { date, flag, int } from '../../rest/params.ts';
import type { Param } from '../../rest/params.ts';
import { defineMethod } from '../app.ts';
import { dialogId, dialogIdEmpty } from '../params.ts';
import { changes, syncToken } from './recent-changes.ts';

const skip = (what: string) => flag({ description: `Y leaves out ${what}`, default: false });
const only = (what: string) => flag({ description: `Y gives only ${what}`, default: false });

const get = defineMethod({
  name: 'im.recent.get',
  scope: 'im',
  summary: 'The recent list: every chat that changed within 30 days, newest activity first, in one array',
  params: {
    SKIP_OPENLINES: skip('open lines'),
    SKIP_CHAT: skip('group chats, channels and chats of external entities'),
    SKIP_DIALOG: skip('private dialogs'),
    LAST_UPDATE: date({ description: 'Only rows that changed at this instant or later; at most 30 days back' }),
    ONLY_OPENLINES: only('open lines; without a date there is no window'),
    LAST_SYNC_DATE: date({ description: 'Only rows that changed since the previous call; at most 7 days back' }),
  },
  example: { SKIP_OPENLINES: 'Y', LAST_UPDATE: '2026-02-25T18:30:00+01:00' },
  result: z.array(recentItemShape),
  conditional: true,
  ofList: true,
  headers: { 'X-Tidemark-Token': 'Ours: with it tidemark.recent.changes goes on where this list ends' },
  errors: {},
  async run({ context, caller, params, streams }) {
    const query = {
      onlyOpenLines: params.ONLY_OPENLINES,
      skipOpenLines: params.SKIP_OPENLINES,
      skipChats: params.SKIP_CHAT,
      skipDialogs: params.SKIP_DIALOG,
      lastUpdate: params.LAST_UPDATE,
      lastSyncDate: params.LAST_SYNC_DATE,
    };
    const { messenger, cache, generations, check } = context;
    const found = await recentGet(messenger, cache, caller, query, check, streams);
    const token = await generations.tokenOf(messenger.db, found.seen);
    if ('stream' in found) return new StreamedJson(found.stream, { 'x-tidemark-token': token });
    const encoded = (answer: RecentAnswer, token: string, again?: Again) =>
      new EncodedJson(answer.pieces, { headers: { 'x-tidemark-token': token }, digest: answer.digest, ...(again && { again }) });
    if (query.lastUpdate !== undefined || query.lastSyncDate !== undefined) return encoded(found, token);
    const { zone } = await messenger.settings();
    const getAgain = recentGetAgain(messenger, cache, zone, query);
    const again: Again = (viewer = caller, still = false) => {
      const answer = getAgain(viewer, still);
      const known = answer && generations.knownTokenOf(answer.seen);
      return known === undefined ? undefined : encoded(answer!, known);
    };
    return encoded(found, token, again);
  },
});

const LONGEST_PAGE = 200;

const list = defineMethod({
  name: 'im.recent.list',
  scope: 'im',
  summary: 'The recent list in pages, without a window, with more filters',
  params: {
    SKIP_OPENLINES: skip('open lines'),
    SKIP_DIALOG: skip('private dialogs'),
    SKIP_CHAT: skip('group chats, channels and chats of external entities'),
    LAST_MESSAGE_DATE: date({ description: 'Date of the last row of the previous page: the list goes on after that page, within an hour of it without losing a row, however the list moves' }),
    UNREAD_ONLY: only('rows with unread messages or a mark'),
    PARSE_TEXT: flag({ description: 'Y gives the text with its codes, and addresses in it as links', default: false }),
    GET_ORIGINAL_TEXT: flag({ description: 'Y gives the text as it was written, with names where mentions have none', default: false }),
    SKIP_UNDISTRIBUTED_OPENLINES: skip('open lines that nobody has taken'),
    ONLY_COPILOT: only('chats with the assistant; there are none here'),
    ONLY_CHANNEL: only('channels'),
    CAN_MANAGE_MESSAGES: only('chats in which the caller may post'),
    OFFSET: int({ description: 'Rows to skip; start means the same. Page by page no row is lost, however the list moves, when each is asked for within an hour of the one before, with the same filters', min: 0, clamp: true }),
    LIMIT: int({ description: 'Rows on a page, 50 unless given, at most 200', min: 0, max: LONGEST_PAGE, clamp: true }),
    TOKEN: syncToken('Ours: empty for the first page, then the token of the page before. No row is lost or comes twice, however the list moves'),
  },
  example: { SKIP_OPENLINES: 'Y', LIMIT: 20 },
  result: z.strictObject({
    items: z.array(listItemShape),
    hasMorePages: z.boolean(),
    hasMore: z.boolean(),
    copilot: z.null(),
    messagesAutoDeleteConfigs: z.tuple([]),
    token: z.string().optional().describe('Ours, with TOKEN: for the next page; after the last for tidemark.recent.changes'),
    reset_required: z.boolean().optional().describe('Ours, with TOKEN: it cannot be gone on with'),
  }),
  ofList: true,
  errors: {},
  async run({ context, caller, params, start }) {
    const filter = {
      skipOpenLines: params.SKIP_OPENLINES,
      skipChats: params.SKIP_CHAT,
      skipDialogs: params.SKIP_DIALOG,
      skipUndistributed: params.SKIP_UNDISTRIBUTED_OPENLINES,
      onlyChannels: params.ONLY_CHANNEL,
      onlyCopilot: params.ONLY_COPILOT,
      unreadOnly: params.UNREAD_ONLY,
      canManageMessages: params.CAN_MANAGE_MESSAGES,
    };
    const limit = params.LIMIT || 50;
    const text = params.PARSE_TEXT ? 'linked' : params.GET_ORIGINAL_TEXT ? 'original' : 'plain';
    if (params.TOKEN !== undefined) {
      const query = { limit, filter, text, token: params.TOKEN || undefined } as const;
      const page = await listByToken(context.messenger, context.generations, caller, query);
      return { ...envelope(page.items, page.hasMore), token: page.token, reset_required: page.resetRequired };
    }
    const offset = start > 0 ? start : (params.OFFSET ?? 0);
    const page = { limit, offset, after: params.LAST_MESSAGE_DATE, text, filter } as const;
    const nextOf = (hasMore: boolean) => (hasMore && page.after === undefined ? offset + limit : undefined);
    const kept = await keptPage(context.messenger, context.cache, context.walks, caller, page, aroundItems);
    const { zone } = await context.messenger.settings();
    const paged = (part: { pieces: JsonPieces; hasMore: boolean }, again?: Again) =>
      new Paged(new EncodedJson(part.pieces, again && { again }), { total: -1, next: nextOf(part.hasMore) });
    const again: Again = (viewer = caller, still = false) => {
      const part = keptPageNow(context.messenger, context.cache, context.walks, { viewer, still }, zone, page, aroundItems);
      return part && paged(part);
    };
    if (kept) return paged(kept, again);
    const { items, hasMore } = await recentPage(context.messenger, context.walks, caller, page);
    return new Paged(envelope(items, hasMore), { total: -1, next: nextOf(hasMore) });
  },
});

function envelope<I>(items: I[], hasMore: boolean) {
  return { items, hasMorePages: hasMore, hasMore, copilot: null, messagesAutoDeleteConfigs: [] as [] };
}

/** What stands before and after the items. */
function aroundItems(hasMore: boolean): [string, string] {
  const [before, after] = JSON.stringify(envelope([], hasMore)).split('[]', 2) as [string, string];
  return [before, `${after}[]}`];
}

const pin = defineMethod({
  name: 'im.recent.pin',
  scope: 'im',
  summary: 'Pins a row to the top of the caller\'s list, or unpins it; false when there is no such row or no room',
  params: {
    DIALOG_ID: dialogId('DIALOG_ID_EMPTY'),
    PIN: flag({ description: 'Y pins, N unpins', default: true }),
    ACTION: flag({ description: 'Another name for PIN; wins over it', default: undefined }),
  },
  example: { DIALOG_ID: 'chat5', PIN: 'Y' },
  result: z.boolean(),
  errors: {
    DIALOG_ID_EMPTY: dialogIdEmpty,
    ACCESS_ERROR: error('ACCESS_ERROR', 400, "You don't have permission to pin this chat"),
  },
  async run({ context, caller, params, fail }) {
    const outcome = await pinRow(context.messenger, caller, params.DIALOG_ID, params.ACTION ?? params.PIN);
    return outcome.ok ? outcome.value : fail('ACCESS_ERROR');
  },
});

/** Besides Y and N the PHP SDK says `mark` and `unmark`. */
function markAction(): Param<boolean | undefined> {
  const base = flag({ description: 'Y sets the mark, N takes it away and reads the dialog', default: undefined });
  return {
    ...base,
    parse(raw, name, env) {
      if (raw === 'mark') return true as const;
      return raw === 'unmark' ? false : base.parse(raw, name, env);
    },
  };
}

const unread = defineMethod({
  name: 'im.recent.unread',
  scope: 'im',
  summary: 'Marks a row as unread by hand, or takes the mark away; false when there is no such row',
  params: {
    DIALOG_ID: dialogId('DIALOG_ID_EMPTY'),
    ACTION: markAction(),
    UNREAD: flag({ description: 'Another name for ACTION, which wins over it', default: true }),
  },
  example: { DIALOG_ID: 'chat5', ACTION: 'Y' },
  result: z.boolean(),
  errors: { DIALOG_ID_EMPTY: dialogIdEmpty },
  run: ({ context, caller, params }) =>
    markUnread(context.messenger, caller, params.DIALOG_ID, params.ACTION ?? params.UNREAD),
});

const hide = defineMethod({
  name: 'im.recent.hide',
  scope: 'im',
  summary: 'Takes a row out of the caller\'s list until the chat has a new message, and reads it',
  params: { DIALOG_ID: dialogId('DIALOG_ID_EMPTY') },
  example: { DIALOG_ID: 'chat5' },
  result: z.literal(true),
  errors: { DIALOG_ID_EMPTY: dialogIdEmpty },
  async run({ context, caller, params }) {
    await hideRow(context.messenger, caller, params.DIALOG_ID);
    return true as const;
  },
});

export const recentMethods = [get, list, changes, pin, unread, hide];
