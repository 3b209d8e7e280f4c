/** The floor: the least a Node server does to send such an answer. Is told in JSON what it answers to every request. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Of the answer; its body lies in a file. */
export interface FloorAnswer {
  status: number;
  headers: Record<string, string>;
  file: string;
}

const { status, headers, file } = JSON.parse(process.argv[2]!) as FloorAnswer;
const body = readFileSync(file);
const server = createServer((request, response) => {
  request.resume();
  response.writeHead(status, { ...headers, ...(status !== 304 && { 'content-length': body.length }) });
  response.end(status === 304 ? undefined : body);
});
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  process.stdout.write(`${JSON.stringify({ http: `http://127.0.0.1:${port}`, pid: process.pid })}\n`);
});
