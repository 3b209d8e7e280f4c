/** Tool chains of the clients: what is missing is installed, and what cannot be installed fails the lane. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Ended, runProgram } from './lane.ts';

const CACHE = join(import.meta.dirname, '..', '..', 'node_modules', '.cache', 'tidemark', 'clients');

async function run(program: string, ...args: string[]): Promise<Ended> {
  const ended = await runProgram(program, args, { DEBIAN_FRONTEND: 'noninteractive' });
  if (ended.code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${ended.code}:\n${ended.stdout}\n${ended.stderr}`);
  return ended;
}

async function works(program: string, ...args: string[]): Promise<boolean> {
  return runProgram(program, args).then(({ code }) => code === 0, () => false);
}

async function install(...packages: string[]): Promise<void> {
  await run('apt-get', 'update', '-qq');
  await run('apt-get', 'install', '-y', '-qq', ...packages);
}

export async function needCurl(): Promise<void> {
  if (!(await works('curl', '--version'))) await install('curl', 'ca-certificates');
}

export async function needPhp(): Promise<void> {
  if (!(await works('php', '-r', 'exit(function_exists("curl_init") ? 0 : 1);'))) await install('php-cli', 'php-curl');
}

export async function needPhpunit(): Promise<void> {
  if (!(await works('phpunit', '--version'))) await install('phpunit');
}

/** @returns the folder of its program, when that may not be on the PATH */
export async function needGo(): Promise<string> {
  const own = '/usr/local/go/bin';
  if (await works(join(own, 'go'), 'version')) return own;
  if (!(await works('go', 'version'))) await install('golang-go');
  return '';
}

export async function needJava(): Promise<void> {
  if (!(await works('javac', '-version'))) await install('default-jdk-headless');
}

/** The newest version of a package from npm that is no dependency of ours. @returns the folder that it was installed in */
export async function needNpm(name: string): Promise<string> {
  const folder = join(CACHE, 'npm', name.replace(/\W+/g, '-'));
  mkdirSync(folder, { recursive: true });
  await run('npm', 'install', '--no-audit', '--no-fund', '--loglevel=error', '--prefix', folder, `${name}@latest`);
  return folder;
}

/** The newest versions of packages from PyPI in an environment of its own. @returns its Python */
export async function needPython(...names: string[]): Promise<string> {
  const folder = join(CACHE, 'python');
  const python = join(folder, 'bin', 'python');
  mkdirSync(CACHE, { recursive: true });
  if (!existsSync(python) || !(await works(python, '-m', 'pip', '--version'))) await makeEnvironment(folder);
  await run(python, '-m', 'pip', 'install', '--quiet', '--upgrade', ...names);
  return python;
}

async function makeEnvironment(folder: string): Promise<void> {
  if (await works('python3', '-m', 'venv', '--clear', folder)) return;
  await install('python3', 'python3-venv');
  await run('python3', '-m', 'venv', '--clear', folder);
}

/** The oldest Node that the package is for. @returns its program */
export async function needOldestNode(): Promise<string> {
  const folder = join(CACHE, 'npm', 'node-24');
  const program = join(folder, 'node_modules', 'node', 'bin', 'node');
  if (await works(program, '--version')) return program;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, allowScripts: { node: true } }));
  await run('npm', 'install', '--no-audit', '--no-fund', '--loglevel=error', '--prefix', folder, 'node@24.0.0');
  return program;
}
