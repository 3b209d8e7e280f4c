import { PROFILE_FIELDS } from '../../messenger/views/profile-fields.ts';
import { storedTexts } from '../../messenger/views/presenting.ts';
import { type Phones, phonesOf } from '../../messenger/views/user-view.ts';
import type { StoredMaps, UserChanges } from '../../messenger/people/users.ts';
import { date, flag, idList, type Param, text } from '../../rest/params.ts';
import { photoParam } from '../pictures.ts';
import { argumentError } from '../../rest/request-error.ts';

const short = (description: string) => text({ description, max: 255 });

type ProfileField = (typeof PROFILE_FIELDS)[number];

const keptFields = Object.fromEntries(
  PROFILE_FIELDS.map((field) => [field, text({ description: 'Profile field', max: 2000 })]),
) as Record<ProfileField, Param<string | undefined>>;

/** A date of which the day and month are kept, `DD-MM`, as written: in whatever zone, that day is meant. */
function birthday(): Param<string | undefined> {
  const base = date({ description: 'Birthday; only day and month are kept' });
  return {
    ...base,
    parse(raw, name, env) {
      if (raw === '') return '';
      if (base.parse(raw, name, env) === undefined) return undefined;
      const [, month, day] = String(raw).trim().slice(0, 10).split('-');
      return `${day}-${month}`;
    },
  };
}

/** Unlike other lists, one left out differs from an empty one: it changes nothing. */
function departments(): Param<number[] | undefined> {
  const base = idList({ description: 'Departments', max: 100 });
  return { ...base, parse: (raw, name, env) => (raw === undefined ? undefined : base.parse(raw, name, env)) };
}

/** Parameters of user.add and user.update. */
export const profileParams = {
  ...keptFields,
  EMAIL: short('Address; no two users share one'),
  NAME: short('First name'),
  LAST_NAME: short('Last name'),
  ACTIVE: flag({ description: 'N dismisses the user', default: undefined }),
  WORK_POSITION: short('Job title'),
  PERSONAL_GENDER: short('M or F'),
  PERSONAL_BIRTHDAY: birthday(),
  PERSONAL_WWW: short('Web site'),
  PERSONAL_PHOTO: photoParam(),
  PERSONAL_MOBILE: short('Mobile phone'),
  PERSONAL_PHONE: short('Home phone'),
  WORK_PHONE: short('Work phone'),
  UF_PHONE_INNER: short('Extension'),
  UF_DEPARTMENT: departments(),
  TIME_ZONE: short('IANA time zone'),
  EXTRANET: flag({ description: 'Y adds a guest who sees only shared chats', default: undefined }),
  EXTERNAL_AUTH_ID: short('Ours: bot, imconnector or network for somebody who is no employee'),
  ABSENT_UNTIL: date({ description: 'Ours: the user is away until then' }),
};

/** A picture that comes along has been kept by then, and stands here with its address. */
type Given = { [K in Exclude<keyof typeof profileParams, 'PERSONAL_PHOTO'>]: (typeof profileParams)[K] extends Param<infer T> ? T : never } & { PERSONAL_PHOTO: string | undefined };

const EMAIL = /^[^\s@]{1,64}@[^\s@]{1,190}$/;
const KINDS = ['', 'default', 'bot', 'imconnector', 'network', 'email', 'socservices'];

/** What the given fields change. Fields left out stay as they are in `before`. */
export function profileChanges(given: Given, before: StoredMaps | undefined, now: number): UserChanges | 'wrong_email' {
  if (given.EMAIL !== undefined && !EMAIL.test(given.EMAIL.trim())) return 'wrong_email';
  const changes: Record<string, unknown> = {
    email: given.EMAIL?.trim().toLowerCase(),
    first_name: given.NAME?.trim(),
    last_name: given.LAST_NAME?.trim(),
    active: toFlag(given.ACTIVE),
    work_position: given.WORK_POSITION,
    gender: gender(given.PERSONAL_GENDER),
    birthday: given.PERSONAL_BIRTHDAY,
    website: given.PERSONAL_WWW,
    avatar: given.PERSONAL_PHOTO,
    time_zone: timeZone(given.TIME_ZONE),
    extranet: toFlag(given.EXTRANET),
    external_auth_id: kind(given.EXTERNAL_AUTH_ID),
    absent_until: given.ABSENT_UNTIL !== undefined && given.ABSENT_UNTIL < now ? 0 : given.ABSENT_UNTIL,
    phones: JSON.stringify(phones(given, before)),
    departments: given.UF_DEPARTMENT && JSON.stringify(given.UF_DEPARTMENT),
    profile: JSON.stringify(kept(given, before)),
  };
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
}

function toFlag(value: boolean | undefined): 0 | 1 | undefined {
  return value === undefined ? undefined : value ? 1 : 0;
}

function gender(value: string | undefined): string | undefined {
  if (value === undefined || ['M', 'F', ''].includes(value)) return value;
  throw argumentError('PERSONAL_GENDER', 'must be M or F');
}

function timeZone(value: string | undefined): string | undefined {
  if (value === undefined || value === '') return value;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: value }).resolvedOptions().timeZone && value;
  } catch {
    throw argumentError('TIME_ZONE', 'must be a time zone such as Europe/Berlin');
  }
}

function kind(value: string | undefined): string | undefined {
  if (value === undefined || KINDS.includes(value)) return value === 'default' ? '' : value;
  throw argumentError('EXTERNAL_AUTH_ID', `must be one of ${KINDS.slice(1).join(', ')}`);
}

function phones(given: Given, before: StoredMaps | undefined): Phones {
  const merged: Record<string, string | undefined> = {
    ...(before && phonesOf(before)),
    ...defined({
      personal_mobile: given.PERSONAL_MOBILE,
      personal_phone: given.PERSONAL_PHONE,
      work_phone: given.WORK_PHONE,
      inner_phone: given.UF_PHONE_INNER,
    }),
  };
  return Object.fromEntries(Object.entries(merged).filter(([, number]) => number !== ''));
}

function kept(given: Given, before: StoredMaps | undefined): Record<string, string> {
  const fields = Object.fromEntries(PROFILE_FIELDS.map((field) => [field, given[field]]));
  return { ...storedTexts(before?.profile ?? '', PROFILE_FIELDS), ...defined(fields) };
}

function defined(values: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
