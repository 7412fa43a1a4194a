/** The demo page as `cargo xtask demo` serves it. */
import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from './environment.js';

/** Builds it into a folder of the spec's own, because specs run at the same time; returns the folder. */
export async function buildDemoPage(spec: string): Promise<string> {
  const folder = resolve(ROOT, 'target/e2e', spec);
  const args = ['run', 'build', '--workspace', 'www', '--', '--emptyOutDir', '--outDir', folder];
  await promisify(execFile)('npm', args, { cwd: ROOT, shell: process.platform === 'win32' });
  return folder;
}
