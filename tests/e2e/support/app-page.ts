/** An app of `site/`, built from the installed package as for development. */
import { cp } from 'node:fs/promises';
import { build } from 'esbuild';
import { CONSUMER } from './environment.js';

/** Builds the app in a folder of `site/`, whose entry is `main.tsx`; returns the path it is served at. */
export async function buildApp(name: string): Promise<string> {
  const folder = `${CONSUMER}/${name}`;
  await cp(`${import.meta.dirname}/../site/${name}`, folder, { recursive: true });
  await build({
    entryPoints: [`${folder}/main.tsx`],
    outdir: folder,
    bundle: true,
    splitting: true,
    format: 'esm',
    jsx: 'automatic',
    define: { 'process.env.NODE_ENV': '"development"' },
  });
  return `/consumer/${name}/index.html`;
}
