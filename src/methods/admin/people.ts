/** Everybody there is, and what they sign in by. */
import { z } from 'zod';
import { LINK_MS, linkAddress, makeLink, renewPassword, signOutEverywhere } from '../../identity/logins.ts';
import { changePerson, DIRECTORY_STATES, type DirectoryRow, enrol, lookUpPeople, type Person, type PersonRefusal } from '../../messenger/people/enrolling.ts';
import { userHex } from '../../messenger/views/colors.ts';
import { atom, atomOrFalse, int as number } from '../../messenger/views/scalars.ts';
import type { Zone } from '../../base/dates.ts';
import { error } from '../../rest/method.ts';
import { flag, id, idList, type Param, text } from '../../rest/params.ts';
import { adminMethod, choice, given, nameOf, paged, pageIn, pages, unlessLeftOut } from './kit.ts';

const personShape = z.strictObject({
  id: number,
  name: z.string().describe('As it is shown'),
  first_name: z.string(),
  last_name: z.string(),
  email: z.string(),
  position: z.string(),
  departments: z.array(number),
  avatar: z.string(),
  color: z.string(),
  admin: z.boolean(),
  active: z.boolean().describe('False for who was dismissed'),
  guest: z.boolean().describe('Sees only the chats that they share'),
  bot: z.boolean(),
  has_password: z.boolean(),
  sessions: number.describe('Pages that are signed in'),
  webhooks: number,
  last_activity: atomOrFalse,
  created: atom,
});

function view(row: DirectoryRow, zone: Zone): z.input<typeof personShape> {
  return {
    id: row.id, name: nameOf(row), first_name: row.first_name, last_name: row.last_name, email: row.email, position: row.work_position,
    departments: JSON.parse(row.departments) as number[], avatar: row.avatar, color: userHex(row),
    admin: row.admin === 1, active: row.active === 1, guest: row.extranet === 1, bot: row.external_auth_id === 'bot',
    has_password: row.has_password > 0, sessions: row.sessions, webhooks: row.webhooks,
    last_activity: row.last_activity_at > 0 && zone.atom(row.last_activity_at), created: zone.atom(row.created_at),
  };
}

const list = adminMethod({
  name: 'tidemark.people.list',
  summary: 'Everybody there is, bots and dismissed people too, with what they sign in by; the newest first',
  params: {
    FIND: text({ description: 'How words of names and positions begin, a part of an e-mail address, or a number', max: 200 }),
    STATE: choice({ description: 'Whom, all unless given', words: DIRECTORY_STATES }),
    ...pages,
  },
  example: { FIND: 'anna', STATE: 'active' },
  result: z.array(personShape),
  errors: {},
  async run({ context: { messenger: m }, params, start }) {
    const page = pageIn(params, start);
    const { zone } = await m.settings();
    const { rows, total } = await lookUpPeople(m, { find: params.FIND ?? '', state: params.STATE ?? 'all', ...page });
    return paged(rows.map((row) => view(row, zone)), page, total);
  },
});

const short = (description: string) => text({ description, max: 255 });

const personParams = {
  EMAIL: short('Address to sign in by; no two users share one'),
  NAME: short('First name'),
  LAST_NAME: short('Last name'),
  POSITION: short('Job title'),
  DEPARTMENTS: unlessLeftOut(idList({ description: 'Departments', max: 100 })),
  ADMIN: flag({ description: 'Y makes them an administrator', default: undefined }),
  GUEST: flag({ description: 'Y makes them a guest, who sees only shared chats', default: undefined }),
};

type Given = { [K in keyof typeof personParams]: (typeof personParams)[K] extends Param<infer T> ? T : never };

function personOf({ EMAIL, NAME, LAST_NAME, POSITION, DEPARTMENTS, ADMIN, GUEST }: Given, more: { active?: boolean | undefined; bot?: boolean | undefined } = {}): Partial<Person> {
  return given<Person>({
    email: EMAIL, firstName: NAME, lastName: LAST_NAME, position: POSITION, departments: DEPARTMENTS, admin: ADMIN, guest: GUEST, active: more.active, bot: more.bot,
  });
}

const EMAIL_TAKEN = error('EMAIL_TAKEN', 400, 'Another user has this e-mail address');
const USER_NOT_FOUND = error('USER_NOT_FOUND', 400, 'There is no such user');

const add = adminMethod({
  name: 'tidemark.people.add',
  summary: 'Adds somebody, or a bot, and gives the number. They can sign in once they have a password or a link',
  params: { ...personParams, BOT: flag({ description: 'Y adds a bot', default: undefined }) },
  example: { EMAIL: 'maria@example.org', NAME: 'Maria', LAST_NAME: 'Silva', POSITION: 'Designer' },
  result: z.strictObject({ id: number }),
  errors: { EMAIL_TAKEN },
  async run({ context: { messenger: m }, caller, params, fail }) {
    const outcome = await enrol(m, caller.userId, personOf(params, { bot: params.BOT }));
    return outcome.ok ? { id: outcome.value } : fail('EMAIL_TAKEN');
  },
});

const REFUSALS = { no_user: 'USER_NOT_FOUND', email_taken: 'EMAIL_TAKEN', last_admin: 'LAST_ADMINISTRATOR' } as const satisfies Record<PersonRefusal, string>;

const change = adminMethod({
  name: 'tidemark.people.change',
  summary: 'Changes what is given of somebody: also dismisses and takes back, makes administrator and the opposite',
  params: { ID: id({ description: 'User' }), ...personParams, ACTIVE: flag({ description: 'N dismisses them, Y takes them back', default: undefined }) },
  example: { ID: 2, ADMIN: 'Y' },
  result: z.literal(true),
  errors: { USER_NOT_FOUND, EMAIL_TAKEN, LAST_ADMINISTRATOR: error('LAST_ADMINISTRATOR', 400, 'The last active administrator must stay one') },
  async run({ context: { messenger: m }, params, fail }) {
    const outcome = await changePerson(m, params.ID, personOf(params, { active: params.ACTIVE }));
    return outcome.ok ? (true as const) : fail(REFUSALS[outcome.reason]);
  },
});

const password = adminMethod({
  name: 'tidemark.people.password',
  summary: 'Gives somebody another password and ends their sessions; one that is made here is told this once',
  params: { ID: id({ description: 'User' }), PASSWORD: text({ description: 'The password; without it one is made', max: 2000 }) },
  example: { ID: 2 },
  result: z.strictObject({ password: z.string().optional().describe('Only where it was made here') }),
  errors: { USER_NOT_FOUND },
  async run({ context: { messenger: m }, params, fail }) {
    const renewed = (await renewPassword(m, params.ID, params.PASSWORD || undefined)) ?? fail('USER_NOT_FOUND');
    return renewed.generated === undefined ? {} : { password: renewed.generated };
  },
});

const link = adminMethod({
  name: 'tidemark.people.link',
  summary: 'Makes a link that signs somebody in once, within ten minutes',
  params: { ID: id({ description: 'User' }) },
  example: { ID: 2 },
  result: z.strictObject({ url: z.string(), expires_in: number.describe('Seconds') }),
  errors: { USER_NOT_FOUND: error('USER_NOT_FOUND', 400, 'There is no such user who may sign in') },
  async run({ context: { messenger: m }, params, fail, origin }) {
    const secret = (await makeLink(m, params.ID)) ?? fail('USER_NOT_FOUND');
    return { url: linkAddress(origin, secret), expires_in: LINK_MS / 1000 };
  },
});

const signOut = adminMethod({
  name: 'tidemark.people.signout',
  summary: 'Ends all sessions of somebody and gives how many that were; webhooks and applications go on',
  params: { ID: id({ description: 'User' }) },
  example: { ID: 2 },
  result: z.strictObject({ sessions: number }),
  errors: { USER_NOT_FOUND },
  run: async ({ context: { messenger: m }, params, fail }) => ({ sessions: (await signOutEverywhere(m, params.ID)) ?? fail('USER_NOT_FOUND') }),
});

export const peopleMethods = [list, add, change, password, link, signOut];
