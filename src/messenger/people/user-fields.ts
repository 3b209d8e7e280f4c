/** The fields of a user as the `user.*` methods name them: what each is called, how it is found. */
import type { NumberColumn } from '../../db/stores/user-search.ts';
import { PROFILE_FIELDS } from '../views/profile-fields.ts';

/** What a field holds, and where it is looked for. */
export type FieldKind =
  | { kind: 'number' | 'date' | 'flag'; column: NumberColumn }
  | { kind: 'text'; field: string }
  | { kind: 'online' | 'type' | 'birthday' | 'department' };

const text = (field: string): FieldKind => ({ kind: 'text', field });
const date = (column: NumberColumn): FieldKind => ({ kind: 'date', column });

/** Every field that is shown, in the order in which `user.fields` names them. */
export const SHOWN: Readonly<Record<string, FieldKind>> = {
  ID: { kind: 'number', column: 'id' },
  XML_ID: text('XML_ID'),
  ACTIVE: { kind: 'flag', column: 'active' },
  NAME: text('first_name'),
  LAST_NAME: text('last_name'),
  SECOND_NAME: text('SECOND_NAME'),
  TITLE: text('TITLE'),
  EMAIL: text('email'),
  LAST_LOGIN: date('last_activity_at'),
  DATE_REGISTER: date('created_at'),
  TIME_ZONE: text('time_zone'),
  IS_ONLINE: { kind: 'online' },
  TIMESTAMP_X: date('updated_at'),
  LAST_ACTIVITY_DATE: date('last_activity_at'),
  PERSONAL_GENDER: text('gender'),
  PERSONAL_WWW: text('website'),
  PERSONAL_BIRTHDAY: { kind: 'birthday' },
  PERSONAL_PHOTO: text('avatar'),
  PERSONAL_MOBILE: text('personal_mobile'),
  PERSONAL_PHONE: text('personal_phone'),
  WORK_PHONE: text('work_phone'),
  WORK_POSITION: text('work_position'),
  UF_DEPARTMENT: { kind: 'department' },
  UF_PHONE_INNER: text('inner_phone'),
  USER_TYPE: { kind: 'type' },
  ...Object.fromEntries(PROFILE_FIELDS.map((name) => [name, text(name)])),
};

const LABELS: Readonly<Record<string, string>> = {
  XML_ID: 'External code', NAME: 'First name', SECOND_NAME: 'Middle name', TITLE: 'Form of address', EMAIL: 'E-mail',
  LAST_LOGIN: 'Last sign-in', DATE_REGISTER: 'Registered', IS_ONLINE: 'Is online', TIMESTAMP_X: 'Last change',
  LAST_ACTIVITY_DATE: 'Last activity', PERSONAL_WWW: 'Web site', PERSONAL_PHOTO: 'Photo', PERSONAL_BIRTHDAY: 'Birthday',
  PERSONAL_GENDER: 'Gender', PERSONAL_PROFESSION: 'Profession', PERSONAL_MOBILE: 'Mobile phone', PERSONAL_PHONE: 'Home phone',
  PERSONAL_ICQ: 'ICQ', WORK_WWW: 'Company web site', WORK_POSITION: 'Job title', UF_DEPARTMENT: 'Departments',
  UF_PHONE_INNER: 'Extension', UF_TIMEMAN: 'Working time', UF_WEB_SITES: 'Other web sites', USER_TYPE: 'Kind of user', ID: 'ID',
  UF_LINKEDIN: 'LinkedIn',
};

/** `PERSONAL_CITY` is `Personal city`, unless there is a better name. */
export function labelOf(field: string): string {
  const words = field.replace(/^UF_/, '').replaceAll('_', ' ').toLowerCase();
  return LABELS[field] ?? words.charAt(0).toUpperCase() + words.slice(1);
}
