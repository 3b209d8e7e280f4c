/** moto, a real S3-compatible server, on a free port: it checks the signature of every request. */
import { AwsClient } from 'aws4fetch';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { vi } from 'vitest';
import type { S3Credentials } from '../../src/blobs/s3-client.ts';
import { needPython } from '../clients/tools.ts';
import { freePort } from '../support/free-port.ts';

/** What comes before signatures are checked: the user, their key and what they may do. */
const SETTING_UP = 3;
/** Bytes: so small that tests may send many parts. */
export const LEAST_PART = 1000;

export class MotoProcess implements AsyncDisposable {
  readonly endpoint: string;
  readonly credentials: S3Credentials;
  readonly #child: ChildProcess;

  private constructor(endpoint: string, credentials: S3Credentials, child: ChildProcess) {
    this.endpoint = endpoint;
    this.credentials = credentials;
    this.#child = child;
  }

  static async start(): Promise<MotoProcess> {
    const python = await needPython('moto[s3]>=5', 'flask', 'flask-cors');
    const endpoint = `http://127.0.0.1:${await freePort()}`;
    const child = spawn(python, ['-m', 'moto.server', '-H', '127.0.0.1', '-p', new URL(endpoint).port], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, INITIAL_NO_AUTH_ACTION_COUNT: String(SETTING_UP), S3_UPLOAD_PART_MIN_SIZE: String(LEAST_PART) },
    });
    let said = '';
    child.stderr!.on('data', (data: Buffer) => (said = (said + String(data)).slice(-10_000)));
    try {
      await vi.waitFor(() => fetch(`${endpoint}/moto-api/`).catch(() => Promise.reject(new Error(`moto does not answer: ${said}`))), { timeout: 60_000, interval: 200 });
      return new MotoProcess(endpoint, await addKey(endpoint), child);
    } catch (error) {
      child.kill('SIGKILL');
      throw error;
    }
  }

  /** Makes a bucket. @returns the address of a folder in it */
  async bucket(name: string, endpoint = this.endpoint): Promise<string> {
    const { keyId, secret } = this.credentials;
    const client = new AwsClient({ accessKeyId: keyId, secretAccessKey: secret, service: 's3', region: 'us-east-1' });
    const made = await client.fetch(`${this.endpoint}/${name}`, { method: 'PUT' });
    if (!made.ok) throw new Error(`no bucket: ${await made.text()}`);
    return `s3://${name}/some/folder?endpoint=${endpoint}&region=us-east-1`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await gone;
  }
}

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

async function addKey(endpoint: string): Promise<S3Credentials> {
  const client = new AwsClient({ accessKeyId: 'nobody', secretAccessKey: 'nothing', service: 'iam', region: 'us-east-1' });
  const call = async (fields: Record<string, string>): Promise<string> => {
    const answer = await client.fetch(endpoint, { method: 'POST', body: String(new URLSearchParams({ Version: '2010-05-08', UserName: 'tidemark', ...fields })), headers: FORM });
    if (!answer.ok) throw new Error(`${fields['Action']}: ${await answer.text()}`);
    return answer.text();
  };
  await call({ Action: 'CreateUser' });
  const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }] });
  await call({ Action: 'PutUserPolicy', PolicyName: 'files', PolicyDocument });
  const key = await call({ Action: 'CreateAccessKey' });
  const text = (name: string): string => new RegExp(`<${name}>(.*?)</${name}>`).exec(key)![1]!;
  return { keyId: text('AccessKeyId'), secret: text('SecretAccessKey') };
}
