import type { ProjectActions } from '../session-store.js';
import { useProjectView } from '../use-view.js';
import { useProjectStore } from './context.js';
import type { ProjectView } from './project-store.js';
import type { Interview } from './types.js';

/** A project's rows and people, and what is done with them. */
export interface ImprovedRealtime extends Omit<ProjectView, 'interviews'>, ProjectActions {
  interviews: Interview[];
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
  const view = useProjectView(useProjectStore(hook));
  return view as typeof view & { interviews: Interview[] };
}
