import { type Context, createContext } from 'react';
import { useProject } from '../provider.js';
import type { BroadcastStore } from './broadcast-store.js';

export const BroadcastContext: Context<BroadcastStore | null> =
  /* @__PURE__ */ createContext<BroadcastStore | null>(null);

/** The nearest provider's project; `hook` is named if there is none. */
export const useBroadcastStore = (hook: string): BroadcastStore =>
  useProject(BroadcastContext, hook, 'a BroadcastRealtimeProvider.');
