import { type Context, createContext, useContext } from 'react';
import type { BroadcastStore } from './broadcast-store.js';

/** The project that the nearest provider shows. */
export const BroadcastContext: Context<BroadcastStore | null> =
  /* @__PURE__ */ createContext<BroadcastStore | null>(null);

/** The nearest provider's project; `hook` is named if there is none. */
export function useBroadcastStore(hook: string): BroadcastStore {
  const store = useContext(BroadcastContext);
  if (store) return store;
  throw Error(`${hook} must be used within a BroadcastRealtimeProvider.`);
}
