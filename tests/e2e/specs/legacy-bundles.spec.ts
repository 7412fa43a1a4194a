/** An app's bundle with one of the older families contains nothing of the others. */
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { CONSUMER } from '../support/environment.js';
import { MEASUREMENT } from '../support/measurement.js';
import { expect, test } from '../support/test.js';

const FAMILIES = ['interviews', 'broadcast', 'lazy-client', 'core-realtime', 'supabase-hooks'];

for (const family of FAMILIES) {
  test(`${family}: a bundle contains none of the other families`, async () => {
    const { metafile, outputFiles } = await build({
      stdin: {
        contents: `export * from 'tidewire/legacy/${family}';`,
        resolveDir: CONSUMER,
      },
      bundle: true,
      splitting: true,
      minify: true,
      format: 'esm',
      outdir: 'bundle',
      write: false,
      metafile: true,
      external: ['react', 'react-dom'],
    });
    const files = Object.keys(metafile.inputs).flatMap((path) => path.split('/dist/')[1] ?? []);
    expect(files).toContain(`legacy/${family}.js`);
    const own = files.filter((file) => file.startsWith('legacy/'));
    expect(own.filter((file) => !file.startsWith(`legacy/${family}`))).toEqual([]);
    const size = gzipSync(outputFiles[0]?.contents ?? '').length;
    const description = `tidewire/legacy/${family} in a bundle, but for the engine: ${size} B gzip`;
    test.info().annotations.push({ type: MEASUREMENT, description });
  });
}
