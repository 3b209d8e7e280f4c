/** `--files` and its keys: what is taken, and what is refused in words that repeat no secret. */
import { expect, test } from 'vitest';
import { ConfigError, loadConfig } from '../../src/config.ts';
import { parseS3Address } from '../../src/blobs/s3-address.ts';
import { elements, textOf } from '../../src/blobs/s3-xml.ts';

test.each([
  ['s3://bucket', { endpoint: 'https://s3.us-east-1.amazonaws.com', region: 'us-east-1', bucket: 'bucket', prefix: '' }],
  ['s3://bucket/', { endpoint: 'https://s3.us-east-1.amazonaws.com', region: 'us-east-1', bucket: 'bucket', prefix: '' }],
  ['s3://my.bucket-1//a/b_c/?region=eu-central-1', { endpoint: 'https://s3.eu-central-1.amazonaws.com', region: 'eu-central-1', bucket: 'my.bucket-1', prefix: 'a/b_c/' }],
  ['s3://bucket/a?endpoint=http://127.0.0.1:9000&region=garage', { endpoint: 'http://127.0.0.1:9000', region: 'garage', bucket: 'bucket', prefix: 'a/' }],
  ['s3://bucket/a?endpoint=https://store.example/', { endpoint: 'https://store.example', region: 'us-east-1', bucket: 'bucket', prefix: 'a/' }],
])('%s', (text, address) => {
  expect(parseS3Address(text)).toEqual(address);
});

test.each([
  ['', /not an s3/], ['bucket', /not an s3/], ['https://bucket/a', /not an s3/], ['s3://', /bucket/], ['s3://a', /bucket/], ['s3://UPPER_case', /bucket/],
  ['s3://key:secret@bucket', /credentials/], ['s3://bucket/a b', /prefix/], ['s3://bucket/ä', /prefix/], ['s3://bucket/..%2f', /prefix/],
  ['s3://bucket?style=path', /style/], ['s3://bucket?region=', /region/], ['s3://bucket?region=a%20b', /region/],
  ['s3://bucket?endpoint=', /endpoint/], ['s3://bucket?endpoint=ftp://x', /endpoint/], ['s3://bucket?endpoint=https://x/path', /endpoint/], ['s3://bucket?endpoint=https://user:secret@x', /endpoint/],
])('%s is refused', (text, message) => {
  expect(() => parseS3Address(text)).toThrow(message);
  expect(() => parseS3Address(text)).not.toThrow(/secret/);
});

const FILES = { files: 's3://bucket' };

test('keys are ours before those that others read too', () => {
  const AWS = { AWS_ACCESS_KEY_ID: 'theirs', AWS_SECRET_ACCESS_KEY: 'hidden' };
  expect(loadConfig(FILES, AWS)).toMatchObject({ filesKeyId: 'theirs', filesSecretKey: 'hidden' });
  expect(loadConfig(FILES, { ...AWS, TIDEMARK_FILES_KEY_ID: 'ours', TIDEMARK_FILES_SECRET_KEY: '' })).toMatchObject({ filesKeyId: 'ours', filesSecretKey: 'hidden' });
});

test('without keys it does not start, and no message tells one', () => {
  expect(() => loadConfig(FILES, {})).toThrow(ConfigError);
  expect(() => loadConfig(FILES, { TIDEMARK_FILES_SECRET_KEY: 'hidden' })).toThrow(/TIDEMARK_FILES_KEY_ID/);
  expect(() => loadConfig(FILES, { TIDEMARK_FILES_SECRET_KEY: 'hidden' })).not.toThrow(/hidden/);
  expect(loadConfig({}, { AWS_ACCESS_KEY_ID: 'theirs' }).files).toBe('');
});

test('answers are read by the names of their elements', () => {
  const page = '<?xml version="1.0"?><R xmlns="x"><IsTruncated>true</IsTruncated><Next>a&amp;b</Next><C><Key>k/1</Key><Owner><ID>9</ID></Owner></C><C><Key>k/2</Key></C></R>';
  expect(elements(page, 'C').map((element) => element.get('Key'))).toEqual(['k/1', 'k/2']);
  expect([textOf(page, 'R', 'IsTruncated'), textOf(page, 'R', 'Next'), textOf(page, 'Error', 'Code')]).toEqual(['true', 'a&b', undefined]);
  for (const broken of ['', '<', '<R><C><Key>k', 'plain text', '{"error": 1}']) expect(textOf(broken, 'Error', 'Code')).toBe(undefined);
});
