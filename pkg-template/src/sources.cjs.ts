/** Where the lazy chunk comes from: for CommonJS, one file with all in it. */

/** The engine and its glue; `require`, since Jest cannot `import()`. */
export const importCore = (): Promise<unknown> => import('./core.cjs' as string);
/** Nothing apart. */
export const importInline = async (): Promise<void> => {};
