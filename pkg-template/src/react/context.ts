import { type Context, createContext } from 'react';
import type { RealtimeClient } from '../index.js';

/** The client of the provider; `null` without one. */
export const ClientContext: Context<RealtimeClient | null> =
  /* @__PURE__ */ createContext<RealtimeClient | null>(null);
