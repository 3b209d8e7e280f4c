/** The fields of a user as the `user.*` methods name them: what each is called, who sees it, how it is found. */
import type { NumberColumn } from '../../db/stores/user-search.ts';

/** Profile fields that are only kept and shown. */
export const PROFILE_FIELDS = [
  'XML_ID', 'SECOND_NAME', 'TITLE', 'PERSONAL_PROFESSION', 'PERSONAL_ICQ', 'PERSONAL_FAX', 'PERSONAL_PAGER',
  'PERSONAL_STREET', 'PERSONAL_CITY', 'PERSONAL_STATE', 'PERSONAL_ZIP', 'PERSONAL_COUNTRY', 'PERSONAL_MAILBOX',
  'PERSONAL_NOTES', 'WORK_COMPANY', 'WORK_DEPARTMENT', 'WORK_WWW', 'WORK_FAX', 'WORK_PAGER', 'WORK_STREET',
  'WORK_MAILBOX', 'WORK_CITY', 'WORK_STATE', 'WORK_ZIP', 'WORK_COUNTRY', 'WORK_PROFILE', 'WORK_LOGO', 'WORK_NOTES',
  'UF_SKYPE_LINK', 'UF_ZOOM', 'UF_EMPLOYMENT_DATE', 'UF_TIMEMAN', 'UF_INTERESTS', 'UF_SKILLS', 'UF_WEB_SITES',
  'UF_XING', 'UF_LINKEDIN', 'UF_FACEBOOK', 'UF_TWITTER', 'UF_SKYPE', 'UF_DISTRICT',
] as const;

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

/** Fields that the scope user_basic does not show. */
const NOT_BASIC = new Set(['LAST_LOGIN', 'PERSONAL_WWW', 'PERSONAL_ICQ']);
/** Fields that the scope user_brief shows: no addresses, no phones. */
const BRIEF = new Set([
  'ID', 'XML_ID', 'ACTIVE', 'NAME', 'LAST_NAME', 'SECOND_NAME', 'TITLE', 'IS_ONLINE', 'TIME_ZONE', 'TIMESTAMP_X',
  'DATE_REGISTER', 'LAST_ACTIVITY_DATE', 'PERSONAL_PROFESSION', 'PERSONAL_GENDER', 'PERSONAL_BIRTHDAY', 'PERSONAL_PHOTO',
  'PERSONAL_CITY', 'PERSONAL_STATE', 'PERSONAL_COUNTRY', 'WORK_POSITION', 'WORK_CITY', 'WORK_STATE', 'WORK_COUNTRY',
  'UF_EMPLOYMENT_DATE', 'UF_TIMEMAN', 'UF_SKILLS', 'UF_INTERESTS', 'UF_DEPARTMENT', 'UF_PHONE_INNER', 'USER_TYPE',
]);

/** Whether a caller with these scopes sees a field: the widest of user, user_basic and user_brief counts. */
export function shownBy(scopes: ReadonlySet<string>): (field: string) => boolean {
  if (scopes.has('user')) return () => true;
  return scopes.has('user_basic') ? (field) => !NOT_BASIC.has(field) : (field) => BRIEF.has(field);
}

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
