/** A user as the `user.*` methods show them: upper-case fields, ids as strings, what is not set left out. */
import { z } from 'zod';
import type { UserRow } from '../../db/stores/user-store.ts';
import { isDayMonth, type Zone } from '../../base/dates.ts';
import { storedIntegers, storedTexts } from './presenting.ts';
import { PROFILE_FIELDS, shownBy } from './profile-fields.ts';
import { isMailUser, phonesOf } from './user-view.ts';

/** Somebody is online for this long after their last call. */
export const ONLINE_MS = 15 * 60_000;

/** The row as far as the caller's scopes go. */
export function withinScopes(row: ProfileRow, scopes: ReadonlySet<string>): ProfileRow {
  return withFields(row, shownBy(scopes));
}

/** The row with some of its fields. */
export function withFields(row: ProfileRow, wanted: (field: string) => boolean): ProfileRow {
  return Object.fromEntries(Object.entries(row).filter(([field]) => wanted(field)));
}

/** Fields by name; which there are depends on the user and on the caller's scopes. */
export const profileRowShape = z.record(z.string(), z.union([z.string(), z.boolean(), z.array(z.int())]));

export type ProfileRow = z.infer<typeof profileRowShape>;

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
    USER_TYPE: isMailUser(user) ? 'email' : user.extranet === 1 ? 'extranet' : 'employee',
    ...storedTexts(user.profile, PROFILE_FIELDS),
  };
  return Object.fromEntries(Object.entries(row).filter((entry): entry is [string, string | boolean | number[]] => entry[1] !== undefined));
}

/** Only day and month are kept, so the year says nothing: a leap year, for the 29th of February. */
function birthday(dayMonth: string): string {
  const [day, month] = dayMonth.split('-');
  return isDayMonth(dayMonth) ? `2000-${month}-${day}T00:00:00+00:00` : '';
}

/** Who the caller is, as the method `profile` says it. */
export const callerShape = z.strictObject({
  ID: z.string(),
  ADMIN: z.boolean(),
  NAME: z.string(),
  LAST_NAME: z.string(),
  PERSONAL_GENDER: z.string(),
  TIME_ZONE: z.string(),
  PERSONAL_PHOTO: z.string().optional(),
});

export function viewCaller(user: UserRow): z.infer<typeof callerShape> {
  return {
    ID: String(user.id),
    ADMIN: user.admin === 1,
    NAME: user.first_name,
    LAST_NAME: user.last_name,
    PERSONAL_GENDER: user.gender,
    TIME_ZONE: user.time_zone,
    ...(user.avatar && { PERSONAL_PHOTO: user.avatar }),
  };
}
