/**
 * `scripts/build-web.ts [FOLDER]`: the pages for people, as the browser gets them: scripts and styles of `web/`, icons, and
 * each file that is worth it compressed once and for all. What is built lies in `web/built` unless said otherwise.
 */
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import sharp from 'sharp';
import { build, type Plugin } from 'vite';
import { ENTRIES, stampOf } from './built-web.mjs';

const root = join(import.meta.dirname, '..');
const target = resolve(process.argv[2] ?? join(root, 'web', 'built'));
const scratch = `${target}.${process.pid}`;
const stamp = stampOf(root);

/** The service worker is told what there is to keep for reading without a connection. */
const listOfFiles: Plugin = {
  name: 'list-of-files',
  generateBundle(_options, bundle) {
    const worker = bundle['sw.js'];
    if (worker?.type !== 'chunk') throw new Error('there is no service worker');
    const files = Object.keys(bundle).filter((file) => /^assets\/(?!admin-)/.test(file)).map((file) => `/${file}`);
    worker.code = worker.code.replaceAll('__FILES__', JSON.stringify([...files, '/icon.svg']));
  },
};

// What tests build is what is served: a build for development is larger, and its stamp would say the same.
process.env['NODE_ENV'] = 'production';
await build({
  root,
  configFile: false,
  logLevel: 'warn',
  publicDir: false,
  plugins: [listOfFiles],
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: scratch,
    emptyOutDir: true,
    assetsDir: 'assets',
    manifest: 'parts.json',
    target: 'es2022',
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: {
      // By the folder of the page.
      input: Object.fromEntries(ENTRIES.map((entry) => [entry.split('/')[1]!, join(root, entry)])),
      output: { entryFileNames: ({ name }) => (name === 'sw' ? 'sw.js' : 'assets/[name]-[hash].js') },
    },
  },
});

const icon = readFileSync(join(root, 'web', 'icons', 'icon.svg'));
const maskable = readFileSync(join(root, 'web', 'icons', 'maskable.svg'));
writeFileSync(join(scratch, 'icon.svg'), icon);
for (const size of [180, 192, 512]) await sharp(size === 180 ? maskable : icon, { density: 300 }).resize(size).png().toFile(join(scratch, `icon-${size}.png`));
await sharp(maskable, { density: 300 }).resize(512).png().toFile(join(scratch, 'icon-maskable.png'));

for (const file of readdirSync(scratch, { recursive: true, encoding: 'utf8' }).filter((name) => /\.(?:js|css|svg)$/.test(name))) {
  const bytes = readFileSync(join(scratch, file));
  writeFileSync(join(scratch, `${file}.gz`), gzipSync(bytes, { level: 9 }));
  writeFileSync(join(scratch, `${file}.br`), brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }));
  rmSync(join(scratch, file));
}
writeFileSync(join(scratch, 'stamp'), stamp);

rmSync(target, { recursive: true, force: true });
renameSync(scratch, target);
