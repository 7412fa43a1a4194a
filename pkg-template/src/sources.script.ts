/** Where the lazy chunks come from: for the classic script, beside where it was loaded from. */

// Known only while the script first runs.
const base = (document.currentScript as HTMLScriptElement | null)?.src;
const load = (file: string): Promise<unknown> => import(new URL(file, base).href);

/** The engine's glue. */
export const importCore = (): Promise<unknown> => load('core.js');
/** The engine itself, compressed. */
export const importInline = (): Promise<unknown> => load('core-inline.js');
