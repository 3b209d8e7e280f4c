/** Runs wrk, which takes a small part of the processor only: what is measured is the server. */
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface Request {
  method: 'GET' | 'POST';
  path: string;
  headers: Readonly<Record<string, string>>;
  body: string;
}

/** What wrk counts; times in microseconds. */
export interface Summary {
  requests: number;
  duration: number;
  bytes: number;
  failed: number;
  p50: number;
  p99: number;
}

const LONGEST_ANSWER_S = 30;

/** @throws Error that says how it is installed */
export function needWrk(): void {
  if (spawnSync('wrk', ['-v']).error) throw new Error('the bench needs wrk: apt-get install wrk (or brew install wrk)');
}

/** Sends the requests in turn, over so many connections for so many seconds. */
export async function wrk(origin: string, requests: readonly Request[], connections: number, seconds: number): Promise<Summary> {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-wrk-'));
  try {
    const script = join(folder, 'requests.lua');
    writeFileSync(script, scriptOf(requests));
    const args = ['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', `${LONGEST_ANSWER_S}s`, '-s', script, origin];
    const { stdout } = await promisify(execFile)('wrk', args);
    return JSON.parse(stdout.slice(stdout.lastIndexOf('{'))) as Summary;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Requests are encoded before the load begins; at its end comes one line of JSON. */
function scriptOf(requests: readonly Request[]): string {
  const encoded = requests.map(({ method, path, headers, body }) => {
    const pairs = Object.entries(headers).map(([name, value]) => `[ ${lua(name)} ]=${lua(value)}`);
    return `  requests[#requests + 1] = wrk.format(${lua(method)}, ${lua(path)}, {${pairs.join(',')}}, ${body === '' ? 'nil' : lua(body)})`;
  });
  return `
local requests, turn = {}, 0
init = function()
${encoded.join('\n')}
end
request = function()
  turn = turn % #requests + 1
  return requests[turn]
end
done = function(summary, latency)
  local e = summary.errors
  io.write(string.format('{"requests":%d,"duration":%d,"bytes":%d,"failed":%d,"p50":%d,"p99":%d}\\n', summary.requests, summary.duration,
    summary.bytes, e.connect + e.read + e.write + e.status + e.timeout, latency:percentile(50), latency:percentile(99)))
end
`;
}

function lua(text: string): string {
  return `[==[${text}]==]`;
}
