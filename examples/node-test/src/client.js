/** Calls a portal: by the address of a webhook, or by the endpoint and the token that an event brings along. */
import { setTimeout as sleep } from 'node:timers/promises';

const TRIES = 4;

export class PortalError extends Error {
  constructor(method, { error, error_description: text }) {
    super(`${method}: ${error}: ${text}`);
    this.code = error;
  }
}

/** @param {{ token?: string, pauseMs?: number }} options the first pause before a call is tried again; each further one is twice as long */
export function connect(endpoint, { token, pauseMs = 1000 } = {}) {
  return async function call(method, params = {}) {
    for (let attempt = 1; ; attempt += 1) {
      const answer = await post(endpoint + method, token ? { ...params, auth: token } : params);
      if (answer.error === undefined) return answer.result;
      if (answer.error !== 'QUERY_LIMIT_EXCEEDED' || attempt === TRIES) throw new PortalError(method, answer);
      await sleep(pauseMs * 2 ** (attempt - 1));
    }
  };
}

async function post(url, params) {
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(params) });
  return response.json();
}
