/**
 * The legacy manager, under the path in its documentation.
 *
 * @packageDocumentation
 * @deprecated Use `realtimeClient` of `tidewire`.
 */
export { UnifiedWebSocketManager } from '../../index.js';
