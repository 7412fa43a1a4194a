/** An app's bundle contains of an entry of the package only what the app uses. */
import { readFile, writeFile } from 'node:fs/promises';
import { build } from 'esbuild';
import { build as vite } from 'vite';
import { CONSUMER, INSTALLED } from '../support/environment.js';
import { MEASUREMENT } from '../support/measurement.js';
import { expect, test } from '../support/test.js';

const EXTERNAL = ['react', 'react-dom', 'react/jsx-runtime', 'uplot', '@tanstack/virtual-core'];

/** How many bytes of `dist/NAME.js` there are in a bundle of this module, by esbuild. */
async function bytesOf(name: string, contents: string): Promise<number> {
  const { metafile } = await build({
    stdin: { contents, resolveDir: CONSUMER },
    bundle: true,
    splitting: true,
    minify: true,
    format: 'esm',
    outdir: 'bundle',
    write: false,
    metafile: true,
    logLevel: 'error',
    external: EXTERNAL,
  });
  const inputs = Object.values(metafile.outputs).flatMap(({ inputs }) => Object.entries(inputs));
  return inputs
    .filter(([path]) => path.endsWith(`/dist/${name}.js`))
    .reduce((sum, [, { bytesInOutput }]) => sum + bytesInOutput, 0);
}

/** The same by Vite's bundler: the length of all there is but what is external. */
async function lengthByVite(name: string, contents: string): Promise<number> {
  const entry = `${CONSUMER}/shaken-${name}.js`;
  await writeFile(entry, contents);
  const result = await vite({
    root: CONSUMER,
    configFile: false,
    logLevel: 'error',
    build: {
      write: false,
      lib: { entry, formats: ['es'], fileName: name },
      rollupOptions: { external: [...EXTERNAL, /\/index\.js$/] },
    },
  });
  const [bundle] = [result].flat() as { output: { code?: string }[] }[];
  return (bundle?.output ?? []).reduce((sum, { code }) => sum + (code?.length ?? 0), 0);
}

/** One small export of each entry that has several independent ones, and the share of the entry that it may need. */
const SMALL: [entry: string, name: string, share: number][] = [
  ['components', 'OnlineStatus', 0.15],
  ['components', 'CallDuration', 0.2],
  ['components', 'TypingIndicator', 0.2],
  ['react', 'useConnection', 0.2],
  ['services', 'bids', 0.5],
  ['supabase', 'createSupabaseRealtime', 0.25],
  ['legacy/broadcast', 'BroadcastAction', 0.05],
  ['legacy/core-realtime', 'EventEmitter', 0.05],
  ['legacy/interviews', 'useInterviews', 0.1],
  ['legacy/supabase-hooks', 'OnlineStatus', 0.15],
];

for (const [entry, name, share] of SMALL) {
  test(`${name} alone includes little of tidewire/${entry}`, async () => {
    const all = await bytesOf(entry, `export * from 'tidewire/${entry}';`);
    const one = await bytesOf(entry, `export { ${name} } from 'tidewire/${entry}';`);
    expect(one).toBeGreaterThan(0);
    expect(one).toBeLessThan(all * share);
    const description = `tidewire/${entry}, ${name} alone: ${one} of ${all} bytes`;
    test.info().annotations.push({ type: MEASUREMENT, description });
  });
}

test('an imported but unused component is removed, in any entry', async () => {
  const manifest = JSON.parse(await readFile(`${INSTALLED}/package.json`, 'utf8'));
  for (const path of Object.keys(manifest.exports)) {
    if (!manifest.exports[path].import || path.endsWith('.css')) continue;
    const entry = path === '.' ? 'index' : path.slice('./'.length);
    const contents = `import * as all from 'tidewire${path.slice(1)}'; console.log(1);`;
    expect(await bytesOf(entry, contents), entry).toBe(0);
  }
});

test('one component alone is small by Vite too', async () => {
  const all = await lengthByVite('all', `export * from 'tidewire/components';`);
  const one = await lengthByVite('one', `export { OnlineStatus } from 'tidewire/components';`);
  expect(one).toBeLessThan(all * 0.25);
});
