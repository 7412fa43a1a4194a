import { useContext } from 'react';
import { type RealtimeClient, realtimeClient } from '../index.js';
import { ClientContext } from './context.js';

/** Returns the client of the nearest {@link RealtimeProvider}; without one, the default `realtimeClient`. */
export function useRealtimeClient(): RealtimeClient {
  return useContext(ClientContext) ?? realtimeClient;
}
