/** `scripts/build.ts FOLDER`: the server as `npm start` runs it. It is for the place where it was made, as it finds its assets among the sources. */
import { writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { bundle, replaced, root } from './bundle.ts';

const beside = (file: string) => ({ dirname: JSON.stringify(dirname(file)), url: JSON.stringify(pathToFileURL(file).href) });

await replaced(resolve(process.argv[2]!), async (scratch) => {
  await bundle(scratch, { cli: join(root, 'src', 'cli.ts') }, beside);
  // Node would otherwise read each file once more, at each start, to find out what it is.
  writeFileSync(join(scratch, 'package.json'), '{"type":"module"}\n');
});
