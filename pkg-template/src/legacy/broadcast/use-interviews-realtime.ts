import { useEffect, useMemo } from 'react';
import { signature } from '../signature.js';
import { useSame } from '../use-view.js';
import type { BroadcastStore } from './broadcast-store.js';
import { report } from './notices.js';
import { useBroadcastStore } from './provider.js';
import { useBroadcastRealtime } from './selectors.js';
import type { Interview } from './types.js';

/** The interviews of a project, and the functions that change them. A rejection is shown as a toast and rejects the promise. */
export interface InterviewsRealtime {
  interviews: Interview[];
  isLoading: boolean;
  error: Error | null;
  /** Adds an interview, which is shown at once. */
  createInterview(interview: Partial<Interview>): Promise<Interview>;
  updateInterview(id: string, changes: Partial<Interview>): Promise<void>;
  /** Removes an interview; the change is shown at once. For admins only. */
  deleteInterview(id: string): Promise<void>;
  refresh(): Promise<void>;
}

/** Runs an action; an error is shown, and thrown. */
async function shown<T>(failure: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    report(`${failure}: ${(error as Error).message}`, error);
    throw error;
  }
}

function changesOf(
  store: BroadcastStore,
  isAdmin: boolean,
): Pick<InterviewsRealtime, 'createInterview' | 'updateInterview' | 'deleteInterview'> {
  return {
    createInterview: (interview) =>
      shown('The interview could not be created', () =>
        store.project.rows.insert({ status: 'pending', ...signature(), ...interview }),
      ),
    updateInterview: (id, changes) =>
      shown('The interview could not be changed', () => store.project.rows.update(id, changes)),
    deleteInterview: (id) =>
      shown('The interview could not be deleted', async () => {
        if (!isAdmin) throw Error('only admins may do this.');
        await store.project.rows.remove(id);
      }),
  };
}

/**
 * Returns the interviews of a project. It subscribes the nearest `BroadcastRealtimeProvider` to that project.
 *
 * @deprecated Use `useCollection` of `tidewire/react`.
 */
export function useInterviewsRealtime(projectId: string, isAdmin = false): InterviewsRealtime {
  const store = useBroadcastStore('useInterviewsRealtime');
  const { interviews, isLoading, error, refresh, subscribeToProject } = useBroadcastRealtime();
  useEffect(() => {
    if (projectId) void subscribeToProject(projectId);
  }, [subscribeToProject, projectId]);
  const changes = useMemo(() => changesOf(store, isAdmin), [store, isAdmin]);
  return useSame({ interviews, isLoading, error, refresh, ...changes });
}
