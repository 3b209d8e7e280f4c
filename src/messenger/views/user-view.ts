import type { UserRow } from '../../db/stores/user-store.ts';
import { userHex } from './colors.ts';
import { isDayMonth, type Zone } from '../../base/dates.ts';
import { storedIntegers, storedTexts } from './presenting.ts';

export interface Phones {
  work_phone?: string;
  personal_mobile?: string;
  personal_phone?: string;
  inner_phone?: string;
}

/** A user as the `im.*` methods show them (pages im.user.get, im.recent.list). Dates are ATOM strings. */
export interface UserView {
  id: number;
  active: boolean;
  name: string;
  first_name: string;
  last_name: string;
  work_position: string;
  color: string;
  avatar: string;
  avatar_hr: string;
  gender: 'M' | 'F';
  birthday: string;
  extranet: boolean;
  network: boolean;
  bot: boolean;
  connector: boolean;
  external_auth_id: string;
  status: string;
  idle: string | false;
  last_activity_date: string | false;
  mobile_last_date: string | false;
  desktop_last_date: string | false;
  absent: string | false;
  departments: number[];
  phones: Phones | false;
  bot_data: null;
  type: 'user' | 'bot' | 'extranet';
  website: string;
  email: string;
}

const PHONES = ['work_phone', 'personal_mobile', 'personal_phone', 'inner_phone'] as const satisfies ReadonlyArray<keyof Phones>;

export function phonesOf(user: { phones: string }): Phones {
  return storedTexts(user.phones, PHONES);
}

const UNTOLD = {
  email: '', work_position: '', birthday: '', website: '', phones: '{}', departments: '[]', last_activity_at: 0, absent_until: 0,
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

/** @param now milliseconds, to tell whether an absence is over */
export function viewUser(user: UserRow, zone: Zone, now: number): UserView {
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
    idle: false,
    last_activity_date: user.last_activity_at > 0 ? zone.atom(user.last_activity_at) : false,
    mobile_last_date: false,
    desktop_last_date: false,
    absent: user.absent_until > now ? zone.atom(user.absent_until) : false,
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
