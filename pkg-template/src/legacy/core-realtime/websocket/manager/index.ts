/**
 * The older manager, under the path its documentation names.
 *
 * @packageDocumentation
 * @deprecated Use `realtimeClient` of `tidewire`.
 */
export { UnifiedWebSocketManager } from '../../index.js';
