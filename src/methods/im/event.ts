/** Events that a user's program fetches instead of being told of them. */
import { z } from 'zod';
import { fetchEvents, subscribeUser, unsubscribeUser } from '../../delivery/handlers/user-events.ts';
import { EncodedJson } from '../../rest/method.ts';
import { int } from '../../rest/params.ts';
import { defineMethod } from '../app.ts';

const LIMIT = 100;
const LARGEST_LIMIT = 1000;

const eventShape = z.strictObject({
  eventId: z.int(),
  type: z.string(),
  date: z.string(),
  data: z.record(z.string(), z.unknown()),
});

const subscribe = defineMethod({
  name: 'im.v2.Event.subscribe',
  scope: 'im',
  summary: 'Has what happens in the caller\'s chats recorded from now on, to be fetched by im.v2.Event.get within 24 hours',
  params: {},
  result: z.literal(true),
  errors: {},
  async run({ context: { messenger: m }, caller }) {
    await subscribeUser(m, caller.userId);
    return true as const;
  },
});

const unsubscribe = defineMethod({
  name: 'im.v2.Event.unsubscribe',
  scope: 'im',
  summary: 'Ends what im.v2.Event.subscribe has begun; what is recorded can still be fetched',
  params: {},
  result: z.literal(true),
  errors: {},
  async run({ context: { messenger: m }, caller }) {
    await unsubscribeUser(m, caller.userId);
    return true as const;
  },
});

const get = defineMethod({
  name: 'im.v2.Event.get',
  scope: 'im',
  summary: 'Events that were recorded for the caller, oldest first; naming an offset confirms what is below it',
  params: {
    OFFSET: int({ description: 'nextOffset of the page before: what is below it is confirmed, and forgotten', min: 0 }),
    LIMIT: int({ description: `Events on a page, ${LIMIT} unless given, at most ${LARGEST_LIMIT}`, min: 1, max: LARGEST_LIMIT, clamp: true }),
  },
  example: { LIMIT: 50 },
  result: z.strictObject({ events: z.array(eventShape), nextOffset: z.int(), hasMore: z.boolean() }),
  errors: {},
  async run({ context: { messenger: m }, caller, params }) {
    const { events, nextOffset, hasMore } = await fetchEvents(m, caller, { offset: params.OFFSET ?? 0, limit: params.LIMIT ?? LIMIT });
    const pieces = events.map(({ data, ...event }, index) => `${index > 0 ? ',' : ''}${JSON.stringify(event).slice(0, -1)},"data":${data}}`);
    return new EncodedJson(['{"events":[', ...pieces, `],"nextOffset":${nextOffset},"hasMore":${hasMore}}`]);
  },
});

export const userEventMethods = [subscribe, unsubscribe, get];
