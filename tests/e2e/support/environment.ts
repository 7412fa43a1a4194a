/** The paths of what the tests run against. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

/** The repository. */
export const ROOT = resolve(import.meta.dirname, '../../..');

/** The artifacts of a run; they are not committed. */
export const RESULTS = resolve(import.meta.dirname, '../results');

/** The package as it would be published. */
export const TARBALL = resolve(ROOT, process.env.TIDEWIRE_TARBALL ?? 'target/npm/tidewire.tgz');

/** The reference server. */
export const SERVER = resolve(ROOT, process.env.TIDEWIRE_SERVER ?? 'target/debug/tidewire-server');

/** The browser. */
export const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';

/**
 * A host that resolves to this machine only in the browser of the tests (see the configuration). To the client it is
 * remote: while the page is offline the client waits for `online`, which it never does for loopback addresses.
 */
export const REMOTE_HOST = 'tidewire.test';

/**
 * A project that has the package installed and nothing else. Not among the tests, whose compiler options
 * the bundlers would find.
 */
export const CONSUMER = resolve(ROOT, 'target/e2e/consumer');

/** The package in that project. */
export const INSTALLED = `${CONSUMER}/node_modules/tidewire`;

/** Throws if something is missing; the message describes how to get it. */
export function requireEverything(): void {
  const needed: [string, string][] = [
    [TARBALL, 'Run `cargo xtask pack`, or name the package in TIDEWIRE_TARBALL.'],
    [SERVER, 'Run `cargo build -p tidewire-server`, or name the program in TIDEWIRE_SERVER.'],
    [CHROMIUM, 'Install Chromium, or name it in CHROMIUM.'],
  ];
  for (const [path, remedy] of needed) {
    if (!existsSync(path)) throw Error(`There is no ${path}. ${remedy}`);
  }
}
