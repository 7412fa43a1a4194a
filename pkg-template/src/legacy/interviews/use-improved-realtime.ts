import { useSame, useView } from '../use-view.js';
import { useProjectStore } from './context.js';
import type { ProjectView } from './project-store.js';
import type { Interview } from './types.js';

/** A project's rows and people, and what is done with them. */
export interface ImprovedRealtime extends Omit<ProjectView, 'interviews'> {
  /** The newest first. */
  interviews: Interview[];
  /**
   * Opens a project. The promise settles once its rows are loaded; failures are in `error`. Without a company in the
   * auth context nothing is shown.
   */
  subscribeToProject(projectId: string): Promise<void>;
  /** Shows none. */
  unsubscribe(): Promise<void>;
  /** Shows this user on an interview; before there is a project, as soon as there is one. */
  trackPresence(interviewId: string): Promise<void>;
  /** Shows this user nowhere. */
  untrackPresence(): Promise<void>;
  /** Loads everything again. */
  refresh(): Promise<void>;
}

/**
 * The project of the nearest `InterviewRealtimeWrapper`.
 *
 * @deprecated Use `useCollection`, `usePresence` and `useConnection` of `tidewire/react`.
 * @throws Error outside of one
 */
export function useImprovedRealtime(): ImprovedRealtime {
  return useImproved('useImprovedRealtime');
}

/** The same for a hook of another name, which its errors bear. */
export function useImproved(hook: string): ImprovedRealtime {
  const store = useProjectStore(hook);
  const view = useView(store);
  return useSame({
    ...view,
    interviews: view.interviews as Interview[],
    subscribeToProject: store.subscribeToProject,
    unsubscribe: store.unsubscribe,
    trackPresence: store.trackSignedIn,
    untrackPresence: store.untrackPresence,
    refresh: store.refresh,
  });
}
