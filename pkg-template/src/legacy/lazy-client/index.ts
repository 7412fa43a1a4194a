/**
 * The legacy lazy client under its own names, on the client that the page shares.
 *
 * @packageDocumentation
 * @deprecated Use `tidewire`.
 */
export { realtimeClient, realtimeClient as default, useRealtimeChannel } from './client.js';
export type { LazyClient, LazyHandler, LazyMessage, LazyMetrics, LazyStates } from './types.js';
