/** The bytes that a page loads of a library: at once, and with the first use. */
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { build, type Metafile } from 'esbuild';
import { COMMON, tidewireFromTarball } from './pages.js';
import { BENCH } from './settings.js';

/** The total bytes of files, each compressed separately. */
export interface Bytes {
  minified: number;
  gzip: number;
  brotli: number;
}

/** The bytes of an app with nothing else. */
export interface Bundle {
  /** Of the files that the app's entry imports. */
  atOnce: Bytes;
  /** With the files that are loaded at the first use. */
  inAll: Bytes;
}

/** Loaded only where a platform lacks something. */
const FALLBACK = /core-inflate/;

function sum(files: readonly Uint8Array[]): Bytes {
  const bytes = { minified: 0, gzip: 0, brotli: 0 };
  for (const file of files) {
    bytes.minified += file.length;
    bytes.gzip += gzipSync(file, { level: 9 }).length;
    bytes.brotli += brotliCompressSync(file).length;
  }
  return bytes;
}

/** The outputs that an output loads, itself included: by `import`, and by `import()` where that is followed. */
function loadedBy(
  outputs: Metafile['outputs'],
  output: string,
  kinds: readonly string[],
  found = new Set<string>(),
): Set<string> {
  if (found.has(output)) return found;
  found.add(output);
  for (const { path, kind, external } of outputs[output]?.imports ?? []) {
    const isFallback = outputs[path]?.entryPoint?.match(FALLBACK);
    if (!external && !isFallback && kinds.includes(kind)) loadedBy(outputs, path, kinds, found);
  }
  return found;
}

/** Bundles a module of this source. React, and what it needs, is the app's own. */
export async function bundle(source: string): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    ...COMMON,
    stdin: { contents: source, resolveDir: BENCH },
    outdir: '/',
    absWorkingDir: '/',
    external: ['react', 'react-dom', 'react/jsx-runtime'],
    plugins: [tidewireFromTarball],
    metafile: true,
    write: false,
  });
  const entry = Object.keys(metafile.outputs).find(
    (path) => metafile.outputs[path]?.entryPoint === '<stdin>',
  );
  if (!entry) throw Error('The bundle has no entry.');
  const files = (kinds: readonly string[]) => {
    const loaded = loadedBy(metafile.outputs, entry, kinds);
    return sum(
      outputFiles.filter(({ path }) => loaded.has(path.slice(1))).map(({ contents }) => contents),
    );
  };
  return {
    atOnce: files(['import-statement']),
    inAll: files(['import-statement', 'dynamic-import']),
  };
}
