import { Buffer, isUtf8 } from 'node:buffer';
import { eachPart } from '../multipart.ts';
import { PhpVariables } from '../php-query.ts';
import type { ValueMap } from '../values.ts';
import { HeldValue, type Sieve } from './held-value.ts';

/** Short parts are read as in `parseBody`. */
export async function sift(body: AsyncIterable<Uint8Array>, sieve: Sieve, contentType: string): Promise<ValueMap> {
  const variables = new PhpVariables();
  await eachPart(contentType, body, async ({ name, fileName, content }) => {
    const value = new HeldValue(sieve, (piece) => piece, fileName !== undefined);
    for await (const piece of content) await value.add(piece);
    value.end();
    const { word, held } = value.result();
    const bytes = Buffer.concat(held);
    // The library decodes names, putting U+FFFD for wrong bytes.
    if (`${name}${fileName ?? ''}`.includes('\ufffd') || (fileName === undefined && !isUtf8(bytes))) throw variables.wrongEncoding(name);
    // A browser sends an empty file name for a file input in which nothing is chosen.
    if (fileName === '') return;
    variables.add(name, fileName === undefined ? (word ?? bytes.toString('utf8')) : [fileName, word ?? bytes.toString('base64')]);
  });
  return variables.toMap();
}
