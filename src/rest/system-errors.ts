/** Failures that any call may end with, before or beside the method's own. */
import type { ErrorDeclaration, Errors } from '../base/declared-error.ts';
import { error } from './method.ts';

export const systemErrors = {
  internal: error('INTERNAL_SERVER_ERROR', 500, 'Internal server error'),
  unexpectedAnswer: error('ERROR_UNEXPECTED_ANSWER', 500, 'Server returned an unexpected response'),
  queryLimit: error('QUERY_LIMIT_EXCEEDED', 503, 'Too many requests'),
  batchMethod: error('ERROR_BATCH_METHOD_NOT_ALLOWED', 405, 'Method is not allowed for batch usage'),
  batchSize: error('ERROR_BATCH_RESULT_TOO_LARGE', 400, 'The results of the batch are too large for more commands'),
  batchLength: error('ERROR_BATCH_LENGTH_EXCEEDED', 400, 'Max batch length exceeded'),
  noAuth: error('NO_AUTH_FOUND', 401, 'Wrong authorization data'),
  httpsRequired: error('INVALID_REQUEST', 400, 'Https required.'),
  overload: error('OVERLOAD_LIMIT', 503, 'REST API is blocked due to overload.'),
  plan: error('ACCESS_DENIED', 403, 'REST is available only on commercial plans.'),
  notSignedIn: error('access_denied', 401, 'User not authorized'),
  sessionFailed: error('session_failed', 401, 'Sessid check failed'),
  invalidCredentials: error('INVALID_CREDENTIALS', 401, 'Invalid request credentials'),
  manifest: error('ERROR_MANIFEST_IS_NOT_AVAILABLE', 404, 'Manifest is not available'),
  insufficientScope: error('insufficient_scope', 401, 'The request requires higher privileges than provided by the webhook token'),
  insufficientTokenScope: error('insufficient_scope', 401, 'The request requires higher privileges than provided by the access token'),
  expiredToken: error('expired_token', 401, 'The access token provided has expired'),
  userAccess: error('user_access_error', 403, 'The user does not have access to the application.'),
  portalDeleted: error('PORTAL_DELETED', 500, 'Portal was deleted'),
  operationTime: error('OPERATION_TIME_LIMIT', 429, 'Method is blocked due to operation time limit.'),
  methodNotFound: error('ERROR_METHOD_NOT_FOUND', 404, 'Method not found!'),
  invalidToken: error('invalid_token', 401, 'Unable to get application by token'),
  wrongAuthType: error('WRONG_AUTH_TYPE', 403, 'Current authorization type is denied for this method'),
  authorization: error('authorization_error', 401, 'Unable to authorize user'),
  applicationNotFound: error('APPLICATION_NOT_FOUND', 401, 'Application not found'),
  badAddress: error('INVALID_REQUEST', 400, 'The address is not valid percent-encoded UTF-8'),
  storageAway: error('STORAGE_UNAVAILABLE', 503, 'The database does not answer. Nothing was changed, try again.'),
  storageFull: error('STORAGE_FULL', 503, 'There is no room left on the disk. Nothing was changed, reading still works.'),
  storageUncertain: error('STORAGE_UNCERTAIN', 503, 'The database went away before it said whether the change was made. Look before you try again.'),
  storageBusy: error('STORAGE_UNAVAILABLE', 503, 'The database is busy. Nothing was changed, try again.'),
  starting: error('INTERNAL_SERVER_ERROR', 503, 'The server is starting'),
} as const;

/** For a page whose browser is signed in to nobody. */
export function notSignedIn(): ErrorDeclaration {
  return { ...systemErrors.notSignedIn, extra: { extended_error: 'user_not_authorized', sessid: '' } };
}

/** For a page that does not know, or no longer, what proves that it is one of ours: it is told, and calls again. */
export function sessionFailed(sessid: string): ErrorDeclaration {
  return { ...systemErrors.sessionFailed, extra: { sessid } };
}

/** @param meant the method that does what was wanted, where one is known */
export function methodNotFound(meant: string | undefined): ErrorDeclaration {
  const { methodNotFound: plain } = systemErrors;
  return meant === undefined ? plain : { ...plain, text: `${plain.text} The nearest documented method is ${meant}.` };
}

/** The declared error that a code stands for: the method's own, or one of the system's. */
export function errorByCode(code: string, own: Errors = {}): ErrorDeclaration | undefined {
  return [...Object.values(own), ...Object.values(systemErrors)].find((declaration) => declaration.code === code);
}
