import { type Context, createContext, useContext } from 'react';
import type { ProjectStore } from './project-store.js';

/** The project that the nearest provider shows. */
export const ProjectContext: Context<ProjectStore | null> =
  /* @__PURE__ */ createContext<ProjectStore | null>(null);

/** The nearest provider's project; `hook` is named if there is none. */
export function useProjectStore(hook: string): ProjectStore {
  const store = useContext(ProjectContext);
  if (store) return store;
  throw Error(
    `${hook} must be used within an ImprovedRealtimeProvider: render it inside <InterviewRealtimeWrapper>.`,
  );
}
