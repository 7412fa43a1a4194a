import { type Context, createContext } from 'react';
import { useProject } from '../provider.js';
import type { ProjectStore } from './project-store.js';

export const ProjectContext: Context<ProjectStore | null> =
  /* @__PURE__ */ createContext<ProjectStore | null>(null);

const PROVIDER = 'an ImprovedRealtimeProvider: render it inside <InterviewRealtimeWrapper>.';

/** The nearest provider's project; `hook` is named if there is none. */
export const useProjectStore = (hook: string): ProjectStore =>
  useProject(ProjectContext, hook, PROVIDER);
