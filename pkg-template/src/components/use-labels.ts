import { useMemo } from 'react';

/** Returns the texts of a component: the English ones, overridden by the given ones. */
export const useLabels = <T extends object>(english: T, given: Partial<T> | undefined): T =>
  useMemo(() => ({ ...english, ...given }), [english, given]);
