'use client';

/**
 * The legacy civic module under its own names, on the client that the page shares. Its first generation
 * is `tidewire/legacy/core-realtime/v1`.
 *
 * @packageDocumentation
 * @deprecated Use `tidewire`, `tidewire/react` and `tidewire/services`.
 */
export { BillTrackingService } from './bill-tracking.js';
export { CommunityService } from './community.js';
export {
  defaultRealTimeConfig,
  defaultWebSocketConfig,
  getRealTimeConfig,
  getWebSocketConfig,
  type RealTimeConfig,
  type WebSocketConfig,
} from './configuration.js';
export { EventEmitter, type EventListener } from './event-emitter.js';
export { UnifiedWebSocketManager } from './manager.js';
export { NotificationService } from './notifications.js';
export type { ObservedService, ServiceManager } from './observed.js';
export { RealTimeService, realTimeService } from './realtime-service.js';
export { domainTopics } from './row-messages.js';
export type {
  BillId,
  BillTrackingStats,
  BillUpdate,
  BillUpdateType,
  CommentUpdate,
  CommunityStats,
  CommunityUpdate,
  ConnectionQuality,
  ConnectionState,
  EngagementMetrics,
  MessageHandler,
  NotificationPriority,
  NotificationStats,
  NotificationType,
  RealTimeHandlers,
  RealTimeNotification,
  RealTimeStats,
  RecentActivity,
  SubscribeOptions,
  Timestamp,
  TypingIndicator,
  VoteUpdate,
  WebSocketMessage,
  WebSocketSubscription,
} from './types.js';
export { type BillTracking, useBillTracking } from './use-bill-tracking.js';
export { type CommunityRealTime, useCommunityRealTime } from './use-community-realtime.js';
export {
  type RealTimeEngagement,
  useRealTimeEngagement,
  useRealTimeEngagement as useRealtimeEngagement,
} from './use-realtime-engagement.js';
export { type UseWebSocketOptions, useWebSocket, type WebSocketView } from './use-websocket.js';
