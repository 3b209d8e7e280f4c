/** A user as the `user.*` methods show them: upper-case fields, ids as strings, what is not set left out. */
import type { UserRow } from '../db/user-store.ts';
import { isDayMonth, type Zone } from './dates.ts';
import { storedIntegers, storedTexts } from './presenting.ts';
import { phonesOf } from './user-view.ts';

/** Somebody is online for this long after their last call. */
const ONLINE_MS = 15 * 60_000;

/** Profile fields that are only kept and shown. */
export const PROFILE_FIELDS = [
  'XML_ID', 'SECOND_NAME', 'TITLE', 'PERSONAL_PROFESSION', 'PERSONAL_ICQ', 'PERSONAL_FAX', 'PERSONAL_PAGER',
  'PERSONAL_STREET', 'PERSONAL_CITY', 'PERSONAL_STATE', 'PERSONAL_ZIP', 'PERSONAL_COUNTRY', 'PERSONAL_MAILBOX',
  'PERSONAL_NOTES', 'WORK_COMPANY', 'WORK_DEPARTMENT', 'WORK_WWW', 'WORK_FAX', 'WORK_PAGER', 'WORK_STREET',
  'WORK_MAILBOX', 'WORK_CITY', 'WORK_STATE', 'WORK_ZIP', 'WORK_COUNTRY', 'WORK_PROFILE', 'WORK_LOGO', 'WORK_NOTES',
  'UF_SKYPE_LINK', 'UF_ZOOM', 'UF_EMPLOYMENT_DATE', 'UF_TIMEMAN', 'UF_INTERESTS', 'UF_SKILLS', 'UF_WEB_SITES',
  'UF_XING', 'UF_LINKEDIN', 'UF_FACEBOOK', 'UF_TWITTER', 'UF_SKYPE', 'UF_DISTRICT',
] as const;

/** Fields that the scope user_basic does not show. */
const NOT_BASIC = new Set(['LAST_LOGIN', 'PERSONAL_WWW', 'PERSONAL_ICQ']);
/** Fields that the scope user_brief shows: no addresses, no phones. */
const BRIEF = new Set([
  'ID', 'XML_ID', 'ACTIVE', 'NAME', 'LAST_NAME', 'SECOND_NAME', 'TITLE', 'IS_ONLINE', 'TIME_ZONE', 'TIMESTAMP_X',
  'DATE_REGISTER', 'LAST_ACTIVITY_DATE', 'PERSONAL_PROFESSION', 'PERSONAL_GENDER', 'PERSONAL_BIRTHDAY', 'PERSONAL_PHOTO',
  'PERSONAL_CITY', 'PERSONAL_STATE', 'PERSONAL_COUNTRY', 'WORK_POSITION', 'WORK_CITY', 'WORK_STATE', 'WORK_COUNTRY',
  'UF_EMPLOYMENT_DATE', 'UF_TIMEMAN', 'UF_SKILLS', 'UF_INTERESTS', 'UF_DEPARTMENT', 'UF_PHONE_INNER', 'USER_TYPE',
]);

/** The row as far as the caller's scopes go: the widest of user, user_basic and user_brief counts. */
export function withinScopes(row: ProfileRow, scopes: ReadonlySet<string>): ProfileRow {
  if (scopes.has('user')) return row;
  const shows = scopes.has('user_basic') ? (field: string) => !NOT_BASIC.has(field) : (field: string) => BRIEF.has(field);
  return Object.fromEntries(Object.entries(row).filter(([field]) => shows(field)));
}

export type ProfileRow = Record<string, string | boolean | number[]>;

/** @param now milliseconds */
export function profileRow(user: UserRow, zone: Zone, now: number): ProfileRow {
  const phones = phonesOf(user);
  const row: Record<string, string | boolean | number[] | undefined> = {
    ID: String(user.id),
    ACTIVE: user.active === 1,
    NAME: user.first_name,
    LAST_NAME: user.last_name,
    EMAIL: user.email,
    LAST_LOGIN: user.last_activity_at > 0 ? zone.atom(user.last_activity_at) : '',
    DATE_REGISTER: zone.atom(user.created_at),
    TIME_ZONE: user.time_zone,
    IS_ONLINE: now - user.last_activity_at < ONLINE_MS ? 'Y' : 'N',
    TIMESTAMP_X: zone.atom(user.updated_at),
    LAST_ACTIVITY_DATE: user.last_activity_at > 0 ? zone.atom(user.last_activity_at) : '',
    PERSONAL_GENDER: user.gender === 'M' || user.gender === 'F' ? user.gender : '',
    PERSONAL_BIRTHDAY: birthday(user.birthday),
    PERSONAL_WWW: user.website,
    PERSONAL_PHOTO: user.avatar || undefined,
    PERSONAL_MOBILE: phones.personal_mobile,
    PERSONAL_PHONE: phones.personal_phone,
    WORK_PHONE: phones.work_phone,
    UF_PHONE_INNER: phones.inner_phone,
    WORK_POSITION: user.work_position,
    UF_DEPARTMENT: storedIntegers(user.departments),
    USER_TYPE: user.extranet === 1 ? 'extranet' : 'employee',
    ...storedTexts(user.profile, PROFILE_FIELDS),
  };
  return Object.fromEntries(Object.entries(row).filter((entry): entry is [string, string | boolean | number[]] => entry[1] !== undefined));
}

/** Only day and month are kept, so the year says nothing: a leap year, for the 29th of February. */
function birthday(dayMonth: string): string {
  const [day, month] = dayMonth.split('-');
  return isDayMonth(dayMonth) ? `2000-${month}-${day}T00:00:00+00:00` : '';
}
