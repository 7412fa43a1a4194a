import type { ReactNode } from 'react';
import { ProjectProvider } from '../provider.js';
import { ProjectContext } from './context.js';
import { ProjectStore } from './project-store.js';

const makeStore = (): ProjectStore => new ProjectStore();

/**
 * Gives the hooks of interviews their project. Its end is that of the project's subscription.
 *
 * @deprecated Use `RealtimeProvider` of `tidewire/react`, with `useCollection` and `usePresence` beneath it.
 */
export function InterviewRealtimeWrapper({ children }: { children?: ReactNode }): ReactNode {
  return ProjectProvider({ context: ProjectContext, makeStore, children });
}
