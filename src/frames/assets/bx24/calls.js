/** Calls of methods, one by one and in batches. */
import { known, portal, refreshAuth } from './parent.js';
import { init, run } from './start.js';

/** `a[b][0]=…`: names and values are escaped, brackets are not. */
function pairsOf(value, name) {
  if (value === undefined || typeof value === 'function') return [];
  if (value instanceof Date) return pairsOf(JSON.parse(JSON.stringify(value)), name);
  if (value === null || typeof value !== 'object') return [`${name}=${encodeURIComponent(value ?? '')}`];
  const entries = Object.entries(value);
  if (entries.length === 0 && name !== undefined) return [`${name}=`];
  return entries.flatMap(([key, member]) => pairsOf(member, name === undefined ? encodeURIComponent(key) : `${name}[${encodeURIComponent(key)}]`));
}

/** The same with the contents of files in the place of the fields in which they were chosen: name and base64. */
async function withFiles(value) {
  if (value instanceof HTMLInputElement) return value.type === 'file' ? filesOf(value) : value.value;
  if (value instanceof HTMLElement) return value.value;
  if (value === null || typeof value !== 'object' || value instanceof Date) return value;
  const entries = await Promise.all(Object.entries(value).map(async ([key, member]) => [key, await withFiles(member)]));
  return Array.isArray(value) ? entries.map(([, member]) => member) : Object.fromEntries(entries);
}

async function filesOf({ files, multiple }) {
  const read = await Promise.all(Array.from(files, async (file) => [file.name, await base64Of(file)]));
  return multiple ? read : (read[0] ?? '');
}

function base64Of(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(',') + 1));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
}

class AjaxError {
  constructor(status, { error, error_description = '' }) {
    this.status = status;
    this.ex = { error, error_description };
  }
  getStatus() {
    return this.status;
  }
  getError() {
    return this.ex;
  }
  toString() {
    const { error, error_description: description } = this.ex;
    return `${error}${description ? `: ${description}` : ''} (${this.status})`;
  }
}

class AjaxResult {
  constructor(answer, query, status) {
    this.answer = answer;
    this.query = query;
    this.status = status;
  }
  data() {
    return this.answer.result;
  }
  error() {
    const { error } = this.answer;
    if (!error) return false;
    return new AjaxError(this.status, typeof error === 'object' ? error : this.answer);
  }
  error_description() {
    const failed = this.error();
    return failed ? failed.ex.error_description : '';
  }
  more() {
    return !Number.isNaN(Number.parseInt(this.answer.next, 10));
  }
  total() {
    return Number.parseInt(this.answer.total, 10);
  }
  time() {
    return this.answer.time;
  }
  next(callback = this.query.callback) {
    if (!this.more()) return false;
    const { method, params } = this.query;
    callMethod(method, { ...params, start: Number.parseInt(this.answer.next, 10) }, callback);
    return true;
  }
}

/** One request. What the network refuses is an error like any other. */
async function send(method, body) {
  try {
    // Without a type, so that the browser has nothing to ask for first.
    const response = await fetch(`${portal}${known.data.PATH}/${encodeURIComponent(method)}.json`, { method: 'POST', body: `auth=${known.data.AUTH_ID}&${body}` });
    const text = await response.text();
    return { status: response.status, answer: text === '' ? { result: {} } : JSON.parse(text) };
  } catch (failed) {
    return { status: 0, answer: { error: 'ERROR_UNEXPECTED_ANSWER', error_description: String(failed) } };
  }
}

async function request(method, params) {
  const body = pairsOf(await withFiles(params)).join('&');
  const first = await send(method, body);
  if (first.answer.error !== 'expired_token') return first;
  const renewed = await new Promise((resolve) => refreshAuth(resolve));
  return renewed ? send(method, body) : first;
}

export function callMethod(method, params = {}, callback) {
  if (!known.data) return void init(() => callMethod(method, params, callback));
  void request(method, params).then(({ answer, status }) => {
    if (callback) run(() => callback(new AjaxResult(answer, { method, params, callback }, status)));
  });
}

/** Calls as `[method, params]` or `{ method, params }`, in a list or by names; the results come in the same. */
export function callBatch(calls, callback, halt = false) {
  if (!known.data) return void init(() => callBatch(calls, callback, halt));
  const named = Object.entries(calls).map(([key, call]) => [key, Array.isArray(call) ? call : [call.method, call.params]]);
  const commandsOf = async () => Promise.all(named.map(async ([key, [method, params]]) => [key, `${method}?${pairsOf(await withFiles(params ?? {})).join('&')}`]));
  void commandsOf().then((commands) => request('batch', { halt: halt ? 1 : 0, cmd: Object.fromEntries(commands) })).then(({ answer, status }) => {
    const results = Array.isArray(calls) ? [] : {};
    for (const [key, [method, params = {}]] of named) {
      const own = answer.error ? answer : rowOf(answer.result, key);
      if (own) results[key] = new AjaxResult(own, { method, params, callback: undefined }, status);
    }
    if (callback) run(() => callback(results));
  });
}

/** What a batch says of one command; undefined for one that it did not come to. */
function rowOf({ result, result_error: errors, result_total: totals, result_next: nexts, result_time: times }, key) {
  if (errors[key] !== undefined) return { error: errors[key] };
  if (result[key] === undefined) return undefined;
  return { result: result[key], total: totals[key], next: nexts[key], time: times[key] };
}

export const callBind = (event, handler, authType, callback) => callMethod('event.bind', { event, handler, auth_type: authType }, callback);
export const callUnbind = (event, handler, authType, callback) => callMethod('event.unbind', { event, handler, auth_type: authType }, callback);
