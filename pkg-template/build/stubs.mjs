/**
 * Writes files at the root of the package for tools that do not read `exports` (Parcel with its defaults, older bundlers, `node10` type
 * resolution): `tidewire/react` is a folder whose `package.json` refers to the built files, `tidewire/components.css` a stylesheet.
 */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { STYLES, SUBPATHS } from './entries.mjs';

/** The stubs, by their names at the root. The manifest lists them under `files`. */
export const STUBS = [
  ...new Set([
    ...SUBPATHS.map((path) => path.split('/')[0]),
    ...STYLES.map((name) => `${name}.css`),
  ]),
];

/** Replaces all stubs. */
export async function writeStubs(root) {
  const { exports, files } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const unlisted = STUBS.filter((name) => !files.includes(name));
  if (unlisted.length)
    throw Error(`package.json does not list under "files": ${unlisted.join(', ')}`);
  await Promise.all(STUBS.map((name) => rm(join(root, name), { recursive: true, force: true })));
  for (const path of SUBPATHS) {
    const folder = join(root, path);
    const { import: esm, require: cjs } = exports[`./${path}`];
    const to = (file) => relative(folder, join(root, file)).split(sep).join('/');
    await mkdir(folder, { recursive: true });
    const manifest = {
      sideEffects: false,
      main: to(cjs.default),
      module: to(esm.default),
      types: to(cjs.types),
    };
    await writeFile(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  }
  for (const name of STYLES) {
    const file = join(root, `${name}.css`);
    const built = relative(dirname(file), join(root, 'dist', `${name}.css`));
    await writeFile(file, `@import "./${built.split(sep).join('/')}";\n`);
  }
}
