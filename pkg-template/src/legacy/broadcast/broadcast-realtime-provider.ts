import type { ReactNode } from 'react';
import { createProvider } from '../provider.js';
import { BroadcastStore } from './broadcast-store.js';

const project = /* @__PURE__ */ createProvider(
  () => new BroadcastStore(),
  'a BroadcastRealtimeProvider.',
);

/** Returns the nearest provider's project; `hook` is named if there is none. */
export const useBroadcastStore = (hook: string): BroadcastStore => project.useProject(hook);

/**
 * Gives the hooks of interviews their project. Its end is that of the project's subscription.
 *
 * @deprecated Use `RealtimeProvider` of `tidewire/react`, with `useCollection` and `usePresence` beneath it.
 */
export function BroadcastRealtimeProvider(props: { children?: ReactNode }): ReactNode {
  return project.Provider(props);
}

/** @deprecated Use `RealtimeProvider` of `tidewire/react`. The same as {@link BroadcastRealtimeProvider}. */
export const RealtimeProvider: typeof BroadcastRealtimeProvider = BroadcastRealtimeProvider;

/** @deprecated Use `RealtimeProvider` of `tidewire/react`. The same as {@link BroadcastRealtimeProvider}. */
export const RealtimeWrapper: typeof BroadcastRealtimeProvider = BroadcastRealtimeProvider;
