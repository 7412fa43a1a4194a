/** The libraries that are measured, and the number of rounds. */

import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { CHROMIUM, ROOT } from '../../e2e/support/environment.js';

/** The folder of the bench. */
export const BENCH = resolve(import.meta.dirname, '..');

/** Results, and the pages that are built. */
export const OUTPUT = resolve(ROOT, 'target/bench');

/** Whether a run only checks that everything works, with fewer messages and rounds. */
export const IS_QUICK = !!process.env.BENCH_QUICK;

/** Rounds of every measurement; what is reported is the median. */
export const ROUNDS = Number(process.env.BENCH_ROUNDS ?? (IS_QUICK ? 1 : 9));

/** Every library, in the order of the tables. */
const ALL_LIBRARIES = [
  'tidewire',
  'tidewire-base',
  'tidewire-phoenix',
  'phoenix',
  'realtime-js',
  'centrifuge',
  'socket-io',
  'pusher',
  'partysocket',
] as const;

export type LibraryName = (typeof ALL_LIBRARIES)[number] | 'baseline';

/** The libraries that are measured. */
const chosen = process.env.BENCH_LIBRARIES?.split(',');
export const LIBRARIES = ALL_LIBRARIES.filter((name) => chosen?.includes(name) ?? true);

/** The libraries' names in tables and plots. */
export const TITLES: Record<LibraryName, string> = {
  baseline: 'baseline',
  tidewire: 'tidewire, all guarantees',
  'tidewire-base': 'tidewire, base server',
  'tidewire-phoenix': 'tidewire, Phoenix',
  phoenix: 'phoenix',
  'realtime-js': '@supabase/realtime-js',
  centrifuge: 'centrifuge',
  'socket-io': 'socket.io-client',
  pusher: 'pusher-js',
  partysocket: 'partysocket + Map',
};

/** The version of the browser, such as `140.0.7339.80`. */
export async function browserVersion(): Promise<string> {
  const { stdout } = await promisify(execFile)(CHROMIUM, ['--version']);
  return /[\d.]{4,}/.exec(stdout)?.[0] ?? stdout.trim();
}
