import type { Loaded } from '../../index.js';

/** The rows of what was loaded, with or without their position. */
export const rowsOf = <T>(loaded: Loaded<T>): T[] => {
  const rows = 'rows' in loaded ? loaded.rows : loaded;
  return [...rows];
};
