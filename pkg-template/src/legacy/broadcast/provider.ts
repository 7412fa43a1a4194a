import { type Context, createContext, type ReactNode } from 'react';
import { ProjectProvider, useProject } from '../provider.js';
import { BroadcastStore } from './broadcast-store.js';

const BroadcastContext: Context<BroadcastStore | null> =
  /* @__PURE__ */ createContext<BroadcastStore | null>(null);

/** The nearest provider's project; `hook` is named if there is none. */
export const useBroadcastStore = (hook: string): BroadcastStore =>
  useProject(BroadcastContext, hook, 'a BroadcastRealtimeProvider.');

const makeStore = (): BroadcastStore => new BroadcastStore();

/**
 * Gives the hooks of interviews their project. Its end is that of the project's subscription.
 *
 * @deprecated Use `RealtimeProvider` of `tidewire/react`, with `useCollection` and `usePresence` beneath it.
 */
export function BroadcastRealtimeProvider({ children }: { children?: ReactNode }): ReactNode {
  return ProjectProvider({ context: BroadcastContext, makeStore, children });
}

/** @deprecated Use `RealtimeProvider` of `tidewire/react`. The same as {@link BroadcastRealtimeProvider}. */
export const RealtimeProvider: typeof BroadcastRealtimeProvider = BroadcastRealtimeProvider;

/** @deprecated Use `RealtimeProvider` of `tidewire/react`. The same as {@link BroadcastRealtimeProvider}. */
export const RealtimeWrapper: typeof BroadcastRealtimeProvider = BroadcastRealtimeProvider;
