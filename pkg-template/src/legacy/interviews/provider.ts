import { type Context, createContext, type ReactNode } from 'react';
import { ProjectProvider, useProject } from '../provider.js';
import { ProjectStore } from './project-store.js';

const ProjectContext: Context<ProjectStore | null> =
  /* @__PURE__ */ createContext<ProjectStore | null>(null);

const PROVIDER = 'an ImprovedRealtimeProvider: render it inside <InterviewRealtimeWrapper>.';

/** Returns the store of the nearest provider. Throws an error that contains `hook` if there is none. */
export const useProjectStore = (hook: string): ProjectStore =>
  useProject(ProjectContext, hook, PROVIDER);

const makeStore = (): ProjectStore => new ProjectStore();

/**
 * Provides the hooks for interviews with their project. When it is unmounted, the project is unsubscribed.
 *
 * @deprecated Use `RealtimeProvider` of `tidewire/react`, with `useCollection` and `usePresence` beneath it.
 */
export function InterviewRealtimeWrapper({ children }: { children?: ReactNode }): ReactNode {
  return ProjectProvider({ context: ProjectContext, makeStore, children });
}
