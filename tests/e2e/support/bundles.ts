/** A page built by a bundler with no configuration for the package's sake. */
import { cp } from 'node:fs/promises';
import { build as esbuild } from 'esbuild';
import { build as vite } from 'vite';
import { CONSUMER } from './environment.js';

const source = `${import.meta.dirname}/../site/bundled`;

/** Copies the page's source to where the package is installed, and nothing else is. */
async function place(name: string): Promise<string> {
  const project = `${CONSUMER}/${name}`;
  await cp(source, project, { recursive: true });
  return project;
}

/** Builds it with Vite in a folder of that name; returns the path it is served at. */
export async function buildWithVite(name: string): Promise<string> {
  const root = await place(name);
  await vite({ root, base: './', configFile: false, logLevel: 'error' });
  return `/consumer/${name}/dist/index.html`;
}

/** Builds it with esbuild, with or without splitting; returns the path it is served at. */
export async function buildWithEsbuild(splitting: boolean): Promise<string> {
  const name = splitting ? 'esbuild' : 'esbuild-whole';
  const root = await place(name);
  await esbuild({
    entryPoints: [`${root}/main.js`],
    outdir: `${root}/dist`,
    bundle: true,
    minify: true,
    format: 'esm',
    splitting,
  });
  await cp(`${root}/index.html`, `${root}/dist/index.html`);
  return `/consumer/${name}/dist/index.html`;
}
