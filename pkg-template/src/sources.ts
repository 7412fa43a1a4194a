/** Imports of the lazy chunks for ES modules, from the files beside this one. */
import { chunk } from './chunk.js';

/** Imports the sessions of clients and the engine's glue. */
export const importCore = /* @__PURE__ */ chunk(() => import('./session/engine-host.js'));
/** Imports the engine itself, compressed. */
export const importInline = /* @__PURE__ */ chunk(() => import('./core-inline.js'));
