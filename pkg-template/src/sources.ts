/** Where the lazy chunks come from: for ES modules, beside this one. */

/** The engine's glue. */
export const importCore = (): Promise<unknown> => import('./core.js');
/** The engine itself, compressed. */
export const importInline = (): Promise<unknown> => import('./core-inline.js');
