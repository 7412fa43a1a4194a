/**
 * The settings of the older civic module, under the path its documentation names.
 *
 * @packageDocumentation
 * @deprecated Give options to `createRealtimeClient` or `realtimeClient.configure` of `tidewire`.
 */
export {
  defaultRealTimeConfig,
  defaultWebSocketConfig,
  getRealTimeConfig,
  getWebSocketConfig,
  type RealTimeConfig,
  type WebSocketConfig,
} from '../index.js';
