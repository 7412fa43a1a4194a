/** Imports of the lazy chunks for the classic script, from the files beside it. */
import { chunk } from './chunk.js';
import type { CoreModule } from './client-state.js';
import { equip } from './equip.js';
import { fail } from './fail.js';
import { warn } from './warn.js';

const FILE = /\/tidewire\.global\.js$/;

// Set only while the script first runs; in a worker there is no document.
const { src } = (globalThis.document?.currentScript ?? {}) as { src?: string };

const isOwn = !!src && FILE.test(new URL(src).pathname);

/** Used if the script has another address: the files beside that may be of another version or origin. */
const misplaced: CoreModule = {
  prepare: (_, facade) => async () => {
    if (!facade) return;
    const client = equip(facade);
    const error = client.makeError(
      'engine_unavailable',
      `The engine cannot start: ${src ?? 'an inline script'} is not the address of tidewire.global.js itself.`,
      'Use the full, versioned address of the file, which ends in /dist/tidewire.global.js.',
    );
    const isHandled = fail(client, error) || client.listens('error');
    client.emit('error', error);
    if (!isHandled) warn(error, client.options);
  },
};

const load = (file: string): Promise<unknown> => import(new URL(file, src).href);

/** Imports the sessions of clients and the engine's glue. */
export const importCore = isOwn ? chunk(() => load('core.js')) : async () => misplaced;
/** Imports the engine itself, compressed. */
export const importInline = isOwn ? chunk(() => load('core-inline.js')) : async () => {};
