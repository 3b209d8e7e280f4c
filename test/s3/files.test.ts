/** Files in an S3-compatible store, through the methods and addresses of two nodes on one database; and the commands. */
import { randomBytes, randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseS3Address } from '../../src/blobs/s3-address.ts';
import { S3Blobs } from '../../src/blobs/s3-blobs.ts';
import { collect } from '../../src/messenger/files/collecting.ts';
import { Nodes } from '../cluster/nodes.ts';
import { namesIn, nameOf } from '../support/blobs-contract.ts';
import type { Client } from '../support/client.ts';
import { tidemark } from '../support/command.ts';
import { picture } from '../support/pictures.ts';
import { MotoProcess } from './moto-process.ts';

interface SentFile {
  file: { id: number; type: string; size: number; urlPreview: string; urlDownload: string; image: false | { width: number; height: number } };
}

let moto: MotoProcess;
let nodes: Nodes;
let settings: { files: string; filesKeyId: string; filesSecretKey: string };
let bucket: S3Blobs;
let clients: [Client, Client];
let folder: string;
beforeAll(async () => {
  moto = await MotoProcess.start();
  const { keyId, secret } = moto.credentials;
  settings = { files: await moto.bucket(`b${randomUUID()}`), filesKeyId: keyId, filesSecretKey: secret };
  nodes = await Nodes.start(2, settings);
  folder = await mkdtemp(join(tmpdir(), 'tidemark-s3-'));
  bucket = new S3Blobs(parseS3Address(settings.files), moto.credentials, folder);
  clients = [nodes.admin, nodes.all[1]!.of(nodes.admin)];
});
afterAll(async () => {
  for (const open of [bucket, nodes, moto]) await open[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

const chat = () => clients[0].call<number>('im.chat.add', { TITLE: 'Files' });

async function upload(client: Client, chatId: number, name: string, content: Buffer): Promise<SentFile['file']> {
  const sent = await client.call<SentFile>('im.v2.File.upload', { DIALOGID: `chat${chatId}`, FIELDS: { name, content: content.toString('base64') } });
  return sent.file;
}

test.each([['a little', 3000], ['more than a piece', 300_000], ['more than goes in one request to the server', 3_000_000]])('what one node took the other gives: %s', async (_what, size) => {
  const content = randomBytes(size);
  const chatId = await chat();
  const file = await upload(clients[0], chatId, 'noise.bin', content);
  const { downloadUrl } = await clients[1].call<{ downloadUrl: string }>('im.v2.File.download', { DIALOGID: `chat${chatId}`, FILEID: file.id });
  const answer = await fetch(downloadUrl);
  expect(Buffer.from(await answer.arrayBuffer()).equals(content)).toBe(true);
  const part = await fetch(downloadUrl, { headers: { range: 'bytes=100-299' } });
  expect([part.status, Buffer.from(await part.arrayBuffer()).equals(content.subarray(100, 300))]).toEqual([206, true]);
});

test('a picture has its preview on the other node', async () => {
  const chatId = await chat();
  const sent = await upload(clients[1], chatId, 'photo.jpg', await picture('jpeg', 800, 600));
  expect(sent).toMatchObject({ type: 'image', image: { width: 800, height: 600 } });
  const { files } = await clients[0].call<{ files: Array<SentFile['file']> }>('im.dialog.messages.get', { DIALOG_ID: `chat${chatId}` });
  const preview = await fetch(files[0]!.urlPreview);
  expect([preview.status, preview.headers.get('content-type')]).toEqual([200, 'image/webp']);
});

test('a file that is deleted on one node is collected on both at once', async () => {
  const content = randomBytes(500);
  const file = await upload(clients[0], await chat(), 'short.bin', content);
  expect(await namesIn(bucket)).toContain(nameOf(content));
  await clients[1].call('disk.file.delete', { id: file.id });
  const [first, second] = nodes.all.map(({ server: { context } }) => context);
  for (const day of [0, 2, 4]) {
    for (const { clock } of nodes.all) if (day > 0) clock.advance(2 * 86_400_000);
    await Promise.all([first!, second!].map(({ db, blobs, clock }) => collect(db, blobs, clock.now())));
  }
  expect(await namesIn(bucket)).not.toContain(nameOf(content));
});

test('nothing of the files lies in the folders of the nodes', async () => {
  await upload(clients[0], await chat(), 'a.bin', randomBytes(5000));
  expect((await readdir(nodes.folder)).filter((name) => name === 'files')).toEqual([]);
  expect(await readdir(join(nodes.folder, 'spool'))).toEqual([]);
});

test('the doctor says whether the store answers, and a backup that the files are not in it', async () => {
  const flags = ['--data', nodes.folder, '--database-url', nodes.databaseUrl, '--files', settings.files, '--files-key-id', settings.filesKeyId];
  const healthy = await tidemark('doctor', ...flags, '--files-secret-key', settings.filesSecretKey);
  expect(healthy).toMatchObject({ code: 0, stdout: expect.stringMatching(/^ok +file store: http.* answers$/m) });
  const refused = await tidemark('doctor', ...flags, '--files-secret-key', 'wrongwrong');
  expect(refused).toMatchObject({ code: 1, stdout: expect.stringMatching(/^PROBLEM file store: .*403 SignatureDoesNotMatch/m) });
  expect(refused.stdout + refused.stderr).not.toContain('wrongwrong');
  const backup = await tidemark('backup', join(folder, 'copy'), ...flags, '--files-secret-key', settings.filesSecretKey);
  expect(backup).toMatchObject({ code: 0, stdout: expect.stringContaining('THE FILES OF CHATS ARE NOT IN IT: they are in s3://') });
  expect(backup.stdout).not.toContain(settings.filesSecretKey);
});

test('no node has written a secret to its log', () => {
  const written = JSON.stringify(nodes.all.map(({ lines }) => lines));
  expect(written).not.toContain(settings.filesSecretKey);
});
