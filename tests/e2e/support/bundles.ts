/** Builds pages with bundlers, without any configuration for the package. */
import { execFile } from 'node:child_process';
import { cp } from 'node:fs/promises';
import { promisify } from 'node:util';
import { build as esbuild } from 'esbuild';
import { build as vite } from 'vite';
import { CONSUMER, ROOT } from './environment.js';

const run = promisify(execFile);
const site = `${import.meta.dirname}/../site`;

/** Copies the source of a page of `site/` into a folder where only the package is installed. */
async function place(name: string, page = 'bundled'): Promise<string> {
  const project = `${CONSUMER}/${name}`;
  await cp(`${site}/${page}`, project, { recursive: true });
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

/** Builds the page that imports every kind of sub-path with Parcel's defaults; returns the path it is served at. */
export async function buildWithParcel(): Promise<string> {
  const root = await place('parcel', 'sub-paths');
  const parcel = `${ROOT}/node_modules/parcel/lib/bin.js`;
  const options = ['--no-cache', '--public-url', './', '--dist-dir', `${root}/dist`];
  await run(process.execPath, [parcel, 'build', `${root}/index.html`, ...options], { cwd: root });
  return '/consumer/parcel/dist/index.html';
}
