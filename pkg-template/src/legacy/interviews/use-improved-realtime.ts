import type { ProjectActions } from '../session-store.js';
import { useProjectView } from '../use-view.js';
import type { ProjectView } from './project-store.js';
import { useProjectStore } from './provider.js';

/** A project's rows and people, and what is done with them. */
export type ImprovedRealtime = ProjectView & ProjectActions;

/** The project's view for a hook of this name, which its errors bear. */
export const useImproved = (hook: string): ImprovedRealtime =>
  useProjectView(useProjectStore(hook));

/**
 * The project of the nearest `InterviewRealtimeWrapper`.
 *
 * @deprecated Use `useCollection`, `usePresence` and `useConnection` of `tidewire/react`.
 * @throws Error outside of one
 */
export const useImprovedRealtime = (): ImprovedRealtime => useImproved('useImprovedRealtime');
