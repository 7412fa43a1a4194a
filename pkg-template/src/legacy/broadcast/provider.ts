import { type Context, createContext, type ReactNode } from 'react';
import { ProjectProvider, useProject } from '../provider.js';
import { BroadcastStore } from './broadcast-store.js';

const BroadcastContext: Context<BroadcastStore | null> =
  /* @__PURE__ */ createContext<BroadcastStore | null>(null);

/** Returns the store of the nearest provider. Throws an error that contains `hook` if there is none. */
export const useBroadcastStore = (hook: string): BroadcastStore =>
  useProject(BroadcastContext, hook, 'a BroadcastRealtimeProvider.');

const makeStore = (): BroadcastStore => new BroadcastStore();

/**
 * Provides the hooks for interviews with their project. When it is unmounted, the project is unsubscribed.
 *
 * @deprecated Use `RealtimeProvider` of `tidewire/react`, with `useCollection` and `usePresence` beneath it.
 */
export function BroadcastRealtimeProvider({ children }: { children?: ReactNode }): ReactNode {
  return ProjectProvider({ context: BroadcastContext, makeStore, children });
}

/** @deprecated Use `RealtimeProvider` of `tidewire/react`. An alias of {@link BroadcastRealtimeProvider}. */
export const RealtimeProvider: typeof BroadcastRealtimeProvider = BroadcastRealtimeProvider;

/** @deprecated Use `RealtimeProvider` of `tidewire/react`. An alias of {@link BroadcastRealtimeProvider}. */
export const RealtimeWrapper: typeof BroadcastRealtimeProvider = BroadcastRealtimeProvider;
