/** The package as it would be published, unpacked once before all measurements. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { promisify } from 'node:util';
import { CHROMIUM, TARBALL } from '../../e2e/support/environment.js';
import { forgetResults } from './results.js';
import { OUTPUT } from './settings.js';

const run = promisify(execFile);

/** The package in a folder from which bundlers find it by its name. */
export const PACKAGE = `${OUTPUT}/node_modules/tidewire`;

/** Unpacks the package, and forgets the results of the last run. */
export default async function prepare(): Promise<void> {
  await forgetResults();
  for (const [path, remedy] of [
    [TARBALL, 'Run `cargo xtask pack`, or name the package in TIDEWIRE_TARBALL.'],
    [CHROMIUM, 'Install Chromium, or name it in CHROMIUM.'],
  ] as const) {
    if (!existsSync(path)) throw Error(`There is no ${path}. ${remedy}`);
  }
  await rm(PACKAGE, { recursive: true, force: true });
  await mkdir(PACKAGE, { recursive: true });
  await run('tar', ['-xzf', TARBALL, '-C', PACKAGE, '--strip-components=1']);
}
