/** Where the lazy chunks come from: for the classic script, beside its own file. */
import { chunk } from './chunk.js';
import type { CoreModule } from './client-state.js';
import { equip } from './equip.js';
import { fail } from './fail.js';
import { warn } from './warn.js';

const FILE = /\/tidewire\.global\.js$/;

// Known only while the script first runs; in a worker there is no document.
const { src } = (globalThis.document?.currentScript ?? {}) as { src?: string };

const isOwn = !!src && FILE.test(new URL(src).pathname);

/** Beside another address there may be files of somebody else. */
const misplaced: Pick<CoreModule, 'open'> = {
  async open(facade) {
    const ledger = equip(facade);
    const error = ledger.makeError(
      'engine_unavailable',
      `The engine cannot start: ${src ?? 'an inline script'} is not the address of tidewire.global.js itself.`,
      'Use the full, versioned address of the file, which ends in /dist/tidewire.global.js.',
    );
    const isHandled = fail(ledger, error) || ledger.listens('error');
    ledger.emit('error', error);
    if (!isHandled) warn(error, ledger.options);
  },
};

const load = (file: string): Promise<unknown> => import(new URL(file, src).href);

/** The engine's glue. */
export const importCore = isOwn ? chunk(() => load('core.js')) : async () => misplaced;
/** The engine itself, compressed. */
export const importInline = isOwn ? chunk(() => load('core-inline.js')) : async () => {};
