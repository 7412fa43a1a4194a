import { useCallback, useState } from 'react';
import type { Mutation } from 'tidewire';
import { isAborted, whyRefused } from '../realtime/refusal.ts';

/** A change that the server refused. */
export interface TakenBack {
  /** The mutation's id. */
  readonly id: string;
  /** What was tried, as it continues a sentence. */
  readonly what: string;
  readonly why: string;
}

/** What was taken back, until it is dismissed. */
export interface TakenBackList {
  readonly list: readonly TakenBack[];
  /** Remembers a change if it is refused. */
  watch<T>(mutation: Mutation<T>, what: string): void;
  dismiss(id: string): void;
}

/** Remembers which changes were refused. */
export function useTakenBack(): TakenBackList {
  const [list, setList] = useState<readonly TakenBack[]>([]);
  const watch = useCallback(<T>({ id, promise }: Mutation<T>, what: string): void => {
    promise.catch((error: unknown) => {
      if (isAborted(error)) return;
      setList((before) => [...before, { id, what, why: whyRefused(error) }]);
    });
  }, []);
  const dismiss = useCallback((id: string): void => {
    setList((before) => before.filter((each) => each.id !== id));
  }, []);
  return { list, watch, dismiss };
}
