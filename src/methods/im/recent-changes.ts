/** Sync by token: ours, because dates alone cannot say what has left the list. */
import { z } from 'zod';
import { nextChanges } from '../../messenger/recent/changes.ts';
import { LONGEST_TOKEN, parseToken, type SyncToken } from '../../messenger/recent/sync-token.ts';
import { recentItemShape } from '../../messenger/views/recent-item.ts';
import { userShape } from '../../messenger/views/user-view.ts';
import { int, type Param, text } from '../../rest/params.ts';
import { argumentError } from '../../rest/request-error.ts';
import { defineMethod } from '../app.ts';

const LONGEST_PAGE = 200;
const LONGEST_WAIT_S = 30;

/** A token as it was given; empty for none. */
export function syncToken(description: string): Param<SyncToken | '' | undefined> {
  const given = text({ description, max: LONGEST_TOKEN });
  return {
    ...given,
    parse(raw, name, env) {
      const value = given.parse(raw, name, env);
      return value ? (parseToken(value) ?? badToken(name)) : (value as '' | undefined);
    },
  };
}

function badToken(name: string): never {
  throw argumentError(name, 'is no token of this server');
}

export const changes = defineMethod({
  name: 'tidemark.recent.changes',
  scope: 'im',
  summary: 'What has changed in the list since a token: rows as they are now, ids of those that left it, and the next token',
  params: {
    TOKEN: syncToken('Token of the answer before; without one the list itself comes, newest rows first'),
    LIMIT: int({ description: 'Rows in one answer, 50 unless given, at most 200', min: 1, max: LONGEST_PAGE }),
    WAIT: int({ description: 'Seconds to wait for a change when there is none, at most 30; not within a batch', min: 0, max: LONGEST_WAIT_S }),
  },
  example: { LIMIT: 50 },
  result: z.strictObject({
    items: z.array(recentItemShape).describe('Rows that are new or look different, whole'),
    removed: z.array(z.union([z.int(), z.string()])).describe('Rows that are no longer in the list, by their id as in items'),
    users: z.array(userShape).describe('People who look different, as far as rows of this answer show them'),
    token: z.string().describe('Where the next call goes on; empty when reset_required'),
    has_more: z.boolean().describe('Whether the next call has more to give at once'),
    reset_required: z.boolean().describe('The token is too old, or of another database: begin anew without one'),
  }),
  errors: {},
  async run({ context, caller, params, idle, inner }) {
    const { generations, waits } = context;
    const waiting = { generations, waits, ms: inner ? 0 : (params.WAIT ?? 0) * 1000, idle };
    const found = await nextChanges(context.messenger, caller, params.TOKEN || undefined, params.LIMIT ?? 50, waiting);
    const { items, removed, users, token } = found;
    return { items, removed, users, token, has_more: found.hasMore, reset_required: found.resetRequired };
  },
});
