import { useCallback, useState } from 'react';
import type { Mutation } from 'tidewire';
import { isAborted, rejectionReason } from '../realtime/rejection.ts';

/** A change that the server rejected. */
export interface Rollback {
  /** The mutation's id. */
  readonly id: string;
  /** A description of the change, for use within a sentence. */
  readonly what: string;
  readonly why: string;
}

/** The changes that were rolled back, until they are dismissed. */
export interface Rollbacks {
  readonly list: readonly Rollback[];
  /** Adds a change to the list if it is rejected. */
  watch<T>(mutation: Mutation<T>, what: string): void;
  dismiss(id: string): void;
}

/** Collects the rejected changes. */
export function useRollbacks(): Rollbacks {
  const [list, setList] = useState<readonly Rollback[]>([]);
  const watch = useCallback(<T>({ id, promise }: Mutation<T>, what: string): void => {
    promise.catch((error: unknown) => {
      if (isAborted(error)) return;
      setList((before) => [...before, { id, what, why: rejectionReason(error) }]);
    });
  }, []);
  const dismiss = useCallback((id: string): void => {
    setList((before) => before.filter((each) => each.id !== id));
  }, []);
  return { list, watch, dismiss };
}
