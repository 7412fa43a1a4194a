/** Installs the package as a user would, once before all tests, and compiles the page's side of them. */
import { execFile } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { CONSUMER, requireEverything, TARBALL } from './environment.js';

const run = promisify(execFile);

export default async function installPackage(): Promise<void> {
  requireEverything();
  await rm(CONSUMER, { recursive: true, force: true });
  await mkdir(CONSUMER, { recursive: true });
  await writeFile(
    `${CONSUMER}/package.json`,
    JSON.stringify({ name: 'consumer', private: true, type: 'module' }),
  );
  await run(
    'npm',
    ['install', '--prefix', CONSUMER, '--prefer-offline', '--no-audit', '--no-fund', TARBALL],
    { cwd: CONSUMER, shell: process.platform === 'win32' },
  );
  const site = `${import.meta.dirname}/../site`;
  await build({
    entryPoints: [
      `${site}/kit.ts`,
      `${site}/supabase.ts`,
      `${site}/services.ts`,
      `${site}/hostile/page.ts`,
    ],
    outdir: CONSUMER,
    format: 'esm',
    target: 'es2022',
    bundle: true,
    // The package stays a module of its own, so that its requests can be distinguished.
    alias: {
      tidewire: '/pkg/dist/index.js',
      'tidewire/supabase': '/pkg/dist/supabase.js',
      'tidewire/services': '/pkg/dist/services.js',
    },
    external: ['/pkg/*'],
  });
}
