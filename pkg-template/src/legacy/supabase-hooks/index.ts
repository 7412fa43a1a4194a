'use client';

export type {
  BoundaryFailure,
  BoundaryStatus,
  RealtimeErrorBoundaryProps,
  RealtimeErrorKind,
} from './boundary-types.js';
/**
 * The hooks of the call marketplace, under their own names and signatures, on the client that
 * `configureLegacy({ supabase })` sets. All of them are deprecated; each documents its replacement.
 *
 * @packageDocumentation
 */
export { CallTracker, NotificationToast, OnlineStatus } from './components.js';
export type { Call, Campaign } from './entities.js';
export {
  type CallFilter,
  type EntitySubscriptionOptions,
  type StatsSubscription,
  type StatsSubscriptionOptions,
  useCallSubscription,
  useCampaignSubscription,
  useStatsSubscription,
} from './entity-subscriptions.js';
export { RealtimeErrorBoundary } from './error-boundary.js';
export {
  addNotification,
  type NewNotification,
  type Notification,
  type NotificationState,
  type NotificationStore,
  removeNotification,
  useNotificationStore,
  useNotifications,
} from './notifications.js';
export { usePostCommentsChannel, usePostViewsChannel } from './post-channels.js';
export { useRealTimeCallCount, useRealTimeCallUpdates } from './supplier-calls.js';
export { type RealTimeStats, useRealTimeStats } from './use-real-time-stats.js';
export {
  type ChangeEvent,
  type SetupChannel,
  type UseRealtimeChannelOptions,
  useRealtimeChannel,
} from './use-realtime-channel.js';
export {
  type RealtimeSubscription,
  type RealtimeSubscriptionOptions,
  type SubscriptionCallbacks,
  useRealtimeSubscription,
} from './use-realtime-subscription.js';
export { type RetryState, useRealtimeWithRetry } from './use-realtime-with-retry.js';
