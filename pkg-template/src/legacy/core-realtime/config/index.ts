/**
 * The settings of the older civic module, under the path in its documentation.
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
