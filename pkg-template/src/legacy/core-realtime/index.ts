'use client';

/**
 * The older civic module under its own names, on the client that the whole page shares. Its first generation
 * is `tidewire/legacy/core-realtime/v1`.
 *
 * @packageDocumentation
 * @deprecated Use `tidewire`, `tidewire/react` and `tidewire/services`.
 */
export * from './bill-tracking.js';
export { CommunityService } from './community.js';
export {
  defaultRealTimeConfig,
  defaultWebSocketConfig,
  getRealTimeConfig,
  getWebSocketConfig,
  type RealTimeConfig,
  type WebSocketConfig,
} from './configuration.js';
export * from './domain-topics.js';
export * from './event-emitter.js';
export * from './manager.js';
export * from './notifications.js';
export type { ObservedService, ServiceManager } from './observed.js';
export * from './realtime-service.js';
export type * from './types.js';
export * from './use-bill-tracking.js';
export * from './use-community-realtime.js';
export {
  type RealTimeEngagement,
  useRealTimeEngagement,
  useRealTimeEngagement as useRealtimeEngagement,
} from './use-realtime-engagement.js';
export * from './use-websocket.js';
