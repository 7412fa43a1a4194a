import { useCallback, useEffect, useMemo } from 'react';
import { legacyConfig } from '../index.js';
import { useProjectStore } from './context.js';
import { stored } from './live-rows.js';
import type { Interview } from './types.js';
import { useProjectView } from './use-improved-realtime.js';

/** The interviews of a project, and the functions that change them. Rejections are thrown. */
export interface InterviewsRealtime {
  interviews: Interview[];
  isLoading: boolean;
  error: Error | null;
  /** Adds one; it shows at once. */
  createInterview(interview: Partial<Interview>): Promise<Interview | undefined>;
  /** Changes some of its fields, at once. */
  updateInterview(id: string, changes: Partial<Interview>): Promise<Interview | undefined>;
  /** Takes one away, at once. */
  deleteInterview(id: string): Promise<void>;
  /** Changes its status. */
  updateStatus(id: string, status: Interview['status']): Promise<Interview | undefined>;
}

/**
 * The interviews of a project, inside of an `InterviewRealtimeWrapper`, which shows this project from now on.
 *
 * @param isAdmin as before, this is the app's to check: the server decides who may do what
 * @deprecated Use `useCollection` of `tidewire/react`.
 */
export function useInterviewsRealtime(projectId: string, _isAdmin = false): InterviewsRealtime {
  const store = useProjectStore('useInterviewsRealtime');
  const { interviews, isLoading, error } = useProjectView(store);
  useEffect(() => {
    if (projectId) void store.subscribeToProject(projectId);
  }, [store, projectId]);
  const createInterview = useCallback<InterviewsRealtime['createInterview']>(
    async (interview) => {
      const { user, profile } = legacyConfig().auth.getSnapshot() ?? {};
      const row = {
        status: 'pending' as const,
        ...(user && { created_by: user.id }),
        ...(profile?.company_id && { company_id: profile.company_id }),
        ...interview,
        project_id: projectId,
      };
      return stored(store.rows.interviews.insert(row as Interview));
    },
    [store, projectId],
  );
  const updateInterview = useCallback<InterviewsRealtime['updateInterview']>(
    async (id, changes) => stored(store.rows.interviews.update(id, changes)),
    [store],
  );
  const deleteInterview = useCallback<InterviewsRealtime['deleteInterview']>(
    async (id) => {
      await stored(store.rows.interviews.remove(id));
    },
    [store],
  );
  const updateStatus = useCallback<InterviewsRealtime['updateStatus']>(
    (id, status) => updateInterview(id, { status }),
    [updateInterview],
  );
  return useMemo(
    () => ({
      interviews: interviews.filter(({ project_id }) => project_id === projectId),
      isLoading,
      error,
      createInterview,
      updateInterview,
      deleteInterview,
      updateStatus,
    }),
    [
      interviews,
      projectId,
      isLoading,
      error,
      createInterview,
      updateInterview,
      deleteInterview,
      updateStatus,
    ],
  );
}
