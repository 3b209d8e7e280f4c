/** Failures that any call may end with, before or beside the method's own. */
import { error } from './method.ts';

export const systemErrors = {
  methodNotFound: error('ERROR_METHOD_NOT_FOUND', 404, 'Method not found!'),
  noAuth: error('NO_AUTH_FOUND', 401, 'Wrong authorization data'),
  invalidCredentials: error('INVALID_CREDENTIALS', 401, 'Invalid request credentials'),
  invalidToken: error('invalid_token', 401, 'Unable to get application by token'),
  authorization: error('authorization_error', 401, 'Unable to authorize user'),
  insufficientScope: error(
    'insufficient_scope',
    401,
    'The request requires higher privileges than provided by the webhook token',
  ),
  wrongTransport: error('INTERNAL_WRONG_TRANSPORT', 500, 'Wrong transport!'),
  badAddress: error('INVALID_REQUEST', 400, 'The address is not valid percent-encoded UTF-8'),
  internal: error('INTERNAL_SERVER_ERROR', 500, 'Internal server error'),
  starting: error('INTERNAL_SERVER_ERROR', 503, 'The server is starting'),
} as const;
