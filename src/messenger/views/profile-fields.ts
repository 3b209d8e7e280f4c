/** Which fields of a user the `user.*` methods show to whom. */

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

/** Whether a caller with these scopes sees a field: the widest of user, user_basic and user_brief counts. */
export function shownBy(scopes: ReadonlySet<string>): (field: string) => boolean {
  if (scopes.has('user')) return () => true;
  return scopes.has('user_basic') ? (field) => !NOT_BASIC.has(field) : (field) => BRIEF.has(field);
}
