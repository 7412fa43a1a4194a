import type { ReactNode } from 'react';
import { createProvider } from '../provider.js';
import { ProjectStore } from './project-store.js';

const project = /* @__PURE__ */ createProvider(
  () => new ProjectStore(),
  'an ImprovedRealtimeProvider: render it inside <InterviewRealtimeWrapper>.',
);

/** Returns the nearest provider's project; `hook` is named if there is none. */
export const useProjectStore = (hook: string): ProjectStore => project.useProject(hook);

/**
 * Gives the hooks of interviews their project. Its end is that of the project's subscription.
 *
 * @deprecated Use `RealtimeProvider` of `tidewire/react`, with `useCollection` and `usePresence` beneath it.
 */
export function InterviewRealtimeWrapper(props: { children?: ReactNode }): ReactNode {
  return project.Provider(props);
}
