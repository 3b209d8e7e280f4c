/** Somebody who reads a page and does what it says: has the repository, has started the server, and fills in what stands in `<>`. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { clientFor } from '../support/client.ts';
import { ROOT } from './blocks.ts';

/** How the pages start the server. */
export const START = 'npm start';
const REPOSITORY = ['scripts', 'src', 'bench', 'web', 'node_modules', 'tsconfig.json'];
const GREETING_ENDS = 'Stop it with Ctrl+C.';
/** What goes on until it is stopped. */
const ENDLESS = /--follow|curl -N/;
const MARK = '-- the last command --';
const MESSAGE_EVERY_MS = 100;

export interface Done {
  code: number | null;
  output: string;
}

export class Reader implements AsyncDisposable {
  readonly #place: string;
  readonly #server: ChildProcess;
  /** What the server has printed when it was up. */
  readonly greeting: string;

  private constructor(place: string, server: ChildProcess, greeting: string) {
    this.#place = place;
    this.#server = server;
    this.greeting = greeting;
  }

  static async begin(): Promise<Reader> {
    const place = await mkdtemp(join(tmpdir(), 'tidemark-reader-'));
    for (const name of REPOSITORY) await symlink(join(ROOT, name), join(place, name));
    await copyFile(join(ROOT, 'package.json'), join(place, 'package.json'));
    await writeFile(join(place, 'tidemark'), `#!/bin/sh\nexec npm run -s tidemark -- "$@"\n`, { mode: 0o700 });
    const server = spawnIn(place, START);
    const said = await heard(server, GREETING_ENDS);
    return new Reader(place, server, said);
  }

  get webhook(): string {
    return /https?:\/\/\S+\/rest\/1\/\w+\//.exec(this.greeting)![0];
  }

  /** Runs commands. The last one, where it goes on for ever, is stopped once it has said something; meanwhile somebody writes. */
  async follow(text: string): Promise<Done> {
    const commands = await this.#filledIn(text);
    const { call } = clientFor(this.webhook, 1);
    const writing = setInterval(() => void call('im.message.add', { DIALOG_ID: 'chat1', MESSAGE: 'Tick' }).catch(() => {}), MESSAGE_EVERY_MS);
    try {
      return ENDLESS.test(commands) ? await this.#untilItSpeaks(commands) : await ended(spawnIn(this.#place, commands));
    } finally {
      clearInterval(writing);
    }
  }

  async #untilItSpeaks(commands: string): Promise<Done> {
    const lines = commands.trimEnd().split('\n');
    const child = spawnIn(this.#place, [...lines.slice(0, -1), `echo '${MARK}'`, lines.at(-1)].join('\n'));
    const output = await heard(child, new RegExp(`${MARK}\\s+\\S`));
    await stopped(child);
    return { code: 0, output };
  }

  async #filledIn(text: string): Promise<string> {
    let filled = text;
    for (const [blank, value] of Object.entries(this.#blanks())) if (filled.includes(blank)) filled = filled.replaceAll(blank, await value());
    const left = /<(?!<)[a-z…][a-z… ,]*>/i.exec(filled);
    if (left) throw new Error(`nobody knows what to write for ${left[0]}`);
    return filled;
  }

  /** What stands for something that readers have of their own. */
  #blanks(): Record<string, () => string | Promise<string>> {
    const webhook = () => this.webhook;
    return {
      '<webhook>': webhook,
      '<webhook over HTTPS>': () => this.webhook.replace(/^http:\/\/[^/]+/, /https:\/\/[^\s,]+/.exec(this.greeting)![0]),
      '<address>': webhook,
      '<address, code or id>': webhook,
      '<…>': webhook,
      '<secret>': () => this.webhook.split('/')[5]!,
      '<token>': async () => (await clientFor(this.webhook, 1).call<{ token: string }>('tidemark.recent.changes')).token,
      '<client id>': () => this.#application(),
    };
  }

  async #application(): Promise<string> {
    const { output } = await ended(spawnIn(this.#place, 'tidemark app add --title Own --scope im,user --redirect-uri http://127.0.0.1:3000/ --json'));
    return (JSON.parse(output) as { client_id: string }).client_id;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await stopped(this.#server);
    await rm(this.#place, { recursive: true, force: true });
  }
}

/** Starts a shell at the head of its own group, with what somebody has who runs commands in the repository. */
function spawnIn(place: string, commands: string): ChildProcess {
  const own = Object.entries(process.env).filter(([name]) => !/^(?:npm_|TIDEMARK_|VITEST|NODE_(?!EXTRA_CA)|TEST$|INIT_CWD)/.test(name));
  const env = {
    ...Object.fromEntries(own), PATH: [place, dirname(process.execPath), process.env['PATH']].join(delimiter),
    TIDEMARK_PORT: '0', TIDEMARK_TLS_PORT: '0', TIDEMARK_PRINT_WEBHOOK: 'true',
  };
  return spawn('sh', ['-e', '-c', commands], { cwd: place, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
}

async function ended(child: ChildProcess): Promise<Done> {
  let output = '';
  for (const stream of [child.stdout!, child.stderr!]) stream.on('data', (data: Buffer) => (output += String(data)));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output };
}

/** What it has said once that is in it. @throws Error when it ends before */
function heard(child: ChildProcess, what: string | RegExp): Promise<string> {
  let output = '';
  return new Promise((resolve, reject) => {
    for (const stream of [child.stdout!, child.stderr!]) {
      stream.on('data', (data: Buffer) => {
        output += String(data);
        if (typeof what === 'string' ? output.includes(what) : what.test(output)) resolve(output);
      });
    }
    child.once('close', (code) => reject(new Error(`it ended with ${code}:\n${output}`)));
  });
}

async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, 'close');
  process.kill(-child.pid!, 'SIGTERM');
  await closed;
}
