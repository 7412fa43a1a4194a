/**
 * The settings of the legacy civic module, under the path in its documentation.
 *
 * @packageDocumentation
 * @deprecated Pass options to `createRealtimeClient` or `realtimeClient.configure` of `tidewire`.
 */
export {
  defaultRealTimeConfig,
  defaultWebSocketConfig,
  getRealTimeConfig,
  getWebSocketConfig,
  type RealTimeConfig,
  type WebSocketConfig,
} from '../index.js';
