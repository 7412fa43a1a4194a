import { type Context, createContext } from 'react';
import type { RealtimeClient } from '../index.js';

/** The client that a provider gives; `null` outside of one. */
export const ClientContext: Context<RealtimeClient | null> =
  /* @__PURE__ */ createContext<RealtimeClient | null>(null);
