/** Imports of the lazy chunks for CommonJS, where one file has both. */

/** The engine and its glue; `require`, since Jest cannot `import()`. */
export const importCore = (): Promise<unknown> => import('./core.cjs' as string);
/** Does nothing: the engine is in the same file. */
export const importInline = async (): Promise<void> => {};
