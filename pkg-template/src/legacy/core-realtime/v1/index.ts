'use client';

/**
 * The first generation of `tidewire/legacy/core-realtime`, which used some of the same names for other things.
 *
 * @packageDocumentation
 * @deprecated Use `tidewire`, `tidewire/react` and `tidewire/services`.
 */
export {
  type CommunityHandler,
  CommunityWebSocketManager,
  communityWebSocketManager,
  type DiscussionHandler,
} from './community-manager.js';
export {
  type BillRealTime,
  type DiscussionRealTime,
  type NotificationsView,
  useBillRealTime,
  useBillUpdates,
  useCommunityRealTime,
  useNotifications,
  useWebSocketConnection,
} from './derived-hooks.js';
export {
  type Preferences,
  type UseWebSocketOptions,
  useWebSocket,
  type WebSocketHub,
} from './use-websocket.js';
export {
  type WebSocketService,
  type WebSocketServiceStats,
  webSocketService,
} from './websocket-service.js';
