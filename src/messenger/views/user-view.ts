import { z } from 'zod';
import type { UserRow } from '../../db/stores/user-store.ts';
import { userHex } from './colors.ts';
import { isDayMonth, type Zone } from '../../base/dates.ts';
import { storedIntegers, storedTexts } from './presenting.ts';
import { atomOrFalse, color, int } from './scalars.ts';

const phonesShape = z.strictObject({
  work_phone: z.string().optional(),
  personal_mobile: z.string().optional(),
  personal_phone: z.string().optional(),
  inner_phone: z.string().optional(),
});

export type Phones = z.infer<typeof phonesShape>;

/** A user as the `im.*` methods show them (pages im.user.get, im.recent.list). */
export const userShape = z.strictObject({
  id: int.positive().describe('Number of the user'),
  active: z.boolean().describe('False for dismissed users'),
  name: z.string().describe('First and last name'),
  first_name: z.string().describe('First name'),
  last_name: z.string().describe('Last name'),
  work_position: z.string().describe('Job title'),
  color: color.describe('Colour of the user'),
  avatar: z.string().describe('Address of the picture; empty without one'),
  avatar_hr: z.string().describe('The picture in a higher resolution; empty without one'),
  gender: z.enum(['M', 'F']).describe('M or F'),
  birthday: z.string().describe('Day and month, DD-MM; empty when not given'),
  extranet: z.boolean().describe('A guest who sees only shared chats'),
  network: z.boolean().describe('Somebody from the network of portals'),
  bot: z.boolean().describe('A bot'),
  connector: z.boolean().describe('A client from an open line'),
  external_auth_id: z.string().describe('Where the user signs in; default for employees'),
  status: z.string().describe('Always online here'),
  idle: atomOrFalse.describe('Since when the user says they are idle; false for not'),
  last_activity_date: atomOrFalse.describe('When the user last did something; false for never'),
  mobile_last_date: atomOrFalse.describe('Always false here'),
  desktop_last_date: atomOrFalse.describe('Always false here'),
  absent: atomOrFalse.describe('Until when the user is away; false when they are not'),
  departments: z.array(int).describe('Departments'),
  phones: z.union([phonesShape, z.literal(false)]).describe('Phone numbers that are known; false for none'),
  bot_data: z.null().describe('Always null here'),
  type: z.enum(['user', 'bot', 'extranet']).describe('Kind of user'),
  website: z.string().describe('Web site'),
  email: z.string().describe('E-mail address'),
}).meta({ id: 'User' });

export type UserView = z.infer<typeof userShape>;

const PHONES = ['work_phone', 'personal_mobile', 'personal_phone', 'inner_phone'] as const satisfies ReadonlyArray<keyof Phones>;

export function phonesOf(user: { phones: string }): Phones {
  return storedTexts(user.phones, PHONES);
}

const UNTOLD = {
  email: '', work_position: '', birthday: '', website: '', phones: '{}', departments: '[]', last_activity_at: 0, absent_until: 0, idle_at: 0,
} satisfies Partial<UserRow>;

/** Somebody who is named by what they have said, to a viewer who may not meet them: without what leads to them. */
export function asStranger(user: UserRow): UserRow {
  return { ...user, ...UNTOLD };
}

export function fullName(user: { first_name: string; last_name: string; email: string; id: number }): string {
  return `${user.first_name} ${user.last_name}`.trim() || user.email || `User ${user.id}`;
}

export function isBot(user: { external_auth_id: string }): boolean {
  return user.external_auth_id === 'bot';
}

/** Somebody who takes part by mail alone. */
export function isMailUser(user: { external_auth_id: string }): boolean {
  return user.external_auth_id === 'email';
}

/** The accounts of {@link isOutsider}. */
export const OUTSIDERS: readonly string[] = ['bot', 'imconnector', 'network'];

/** Somebody from outside the portal whose account being inactive says nothing about them. */
export function isOutsider(user: { external_auth_id: string }): boolean {
  return OUTSIDERS.includes(user.external_auth_id);
}

export function viewUser(user: UserRow, zone: Zone): UserView {
  const phones = phonesOf(user);
  return {
    id: user.id,
    active: user.active === 1,
    name: fullName(user),
    first_name: user.first_name,
    last_name: user.last_name,
    work_position: user.work_position,
    color: userHex(user),
    avatar: user.avatar,
    avatar_hr: user.avatar,
    gender: user.gender === 'F' ? 'F' : 'M',
    birthday: isDayMonth(user.birthday) ? user.birthday : '',
    extranet: user.extranet === 1,
    network: user.external_auth_id === 'network',
    bot: isBot(user),
    connector: user.external_auth_id === 'imconnector',
    external_auth_id: user.external_auth_id || 'default',
    status: 'online',
    idle: user.idle_at > 0 ? zone.atom(user.idle_at) : false,
    last_activity_date: user.last_activity_at > 0 ? zone.atom(user.last_activity_at) : false,
    mobile_last_date: false,
    desktop_last_date: false,
    absent: user.absent_until > 0 ? zone.atom(user.absent_until) : false,
    departments: storedIntegers(user.departments),
    phones: Object.keys(phones).length > 0 ? phones : false,
    bot_data: null,
    type: userType(user),
    website: user.website,
    email: user.email,
  };
}

function userType(user: UserRow): UserView['type'] {
  if (isBot(user)) return 'bot';
  return user.extranet === 1 ? 'extranet' : 'user';
}
