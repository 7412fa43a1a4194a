import { useEffect, useMemo } from 'react';
import { stored } from '../live-rows.js';
import { signature } from '../signature.js';
import { useSame, useView } from '../use-view.js';
import type { ProjectStore } from './project-store.js';
import { useProjectStore } from './provider.js';
import type { Interview } from './types.js';

/** The interviews of a project, and the functions that change them. Their promises reject if the server rejects the change. */
export interface InterviewsRealtime {
  interviews: Interview[];
  isLoading: boolean;
  error: Error | null;
  /** Adds an interview, which is shown at once. */
  createInterview(interview: Partial<Interview>): Promise<Interview | undefined>;
  /** Changes some fields of an interview; the change is shown at once. */
  updateInterview(id: string, changes: Partial<Interview>): Promise<Interview | undefined>;
  deleteInterview(id: string): Promise<void>;
  updateStatus(id: string, status: Interview['status']): Promise<Interview | undefined>;
}

function changesOf(
  store: ProjectStore,
  projectId: string,
): Omit<InterviewsRealtime, 'interviews' | 'isLoading' | 'error'> {
  const rows = () => store.project.rows.interviews;
  const updateInterview = async (id: string, changes: Partial<Interview>) =>
    stored(rows().update(id, changes));
  return {
    async createInterview(interview) {
      const row = { status: 'pending', ...signature(), ...interview, project_id: projectId };
      return stored(rows().insert(row as Interview));
    },
    updateInterview,
    async deleteInterview(id) {
      await stored(rows().remove(id));
    },
    updateStatus: (id, status) => updateInterview(id, { status }),
  };
}

/**
 * Returns the interviews of a project. It subscribes the nearest `InterviewRealtimeWrapper` to that project.
 *
 * @param _isAdmin not used: the server checks what a user may do
 * @deprecated Use `useCollection` of `tidewire/react`.
 */
export function useInterviewsRealtime(projectId: string, _isAdmin?: boolean): InterviewsRealtime {
  const store = useProjectStore('useInterviewsRealtime');
  const { interviews, isLoading, error } = useView(store);
  useEffect(() => {
    if (projectId) void store.subscribeToProject(projectId);
  }, [store, projectId]);
  const changes = useMemo(() => changesOf(store, projectId), [store, projectId]);
  const own = useMemo(
    () => interviews.filter(({ project_id }) => project_id === projectId),
    [interviews, projectId],
  );
  return useSame({ interviews: own, isLoading, error, ...changes });
}
