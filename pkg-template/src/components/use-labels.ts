import { useMemo } from 'react';

/** The texts of a component, with those that are given instead of the English ones. */
export const useTexts = <T extends object>(english: T, given: Partial<T> | undefined): T =>
  useMemo(() => ({ ...english, ...given }), [english, given]);
