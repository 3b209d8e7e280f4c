import { STATUS_CODES } from 'node:http';

/**
 * The head of an answer as Node writes it to those who keep their connection, for answers that are written onto the connection itself.
 *
 * @param fields names and values in turn
 * @param keptSeconds how long a connection is kept between two requests
 */
export function bareHead(status: number, fields: readonly string[], keptSeconds: number): string {
  let head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n`;
  for (let i = 0; i < fields.length; i += 2) head += `${fields[i]}: ${fields[i + 1]}\r\n`;
  return `${head}Date: ${dateOf(Date.now())}\r\nConnection: keep-alive\r\nKeep-Alive: timeout=${keptSeconds}\r\n\r\n`;
}

const SECOND_MS = 1000;
let written = { second: NaN, text: '' };

/** Many heads are written in one second. */
function dateOf(now: number): string {
  const second = Math.floor(now / SECOND_MS);
  if (second !== written.second) written = { second, text: new Date(now).toUTCString() };
  return written.text;
}
