'use client';

/**
 * Components for React 18 and 19: accessible, with replaceable texts, and unstyled except for an optional stylesheet
 * (`tidewire/components.css`).
 *
 * @packageDocumentation
 */
export {
  type ActiveUser,
  ActiveUsers,
  type ActiveUsersOwnProps,
  type ActiveUsersProps,
  type ActiveUsersTexts,
} from './active-users.js';
export type { BidFormTexts } from './bid-form.js';
export {
  CallDuration,
  type CallDurationOwnProps,
  type CallDurationProps,
  type CallTimes,
} from './call-duration.js';
export {
  CallTracker,
  type CallTrackerOwnProps,
  type CallTrackerProps,
  type CallTrackerTexts,
  type TrackedCall,
} from './call-tracker.js';
export {
  ConnectionIndicator,
  type ConnectionIndicatorOwnProps,
  type ConnectionIndicatorProps,
  type ConnectionIndicatorTexts,
} from './connection-indicator.js';
export type { Format } from './format.js';
export {
  type Bid,
  LiveBidding,
  type LiveBiddingOwnProps,
  type LiveBiddingProps,
  type LiveBiddingTexts,
} from './live-bidding.js';
export {
  LiveFeed,
  type LiveFeedOwnProps,
  type LiveFeedProps,
  type LiveFeedTexts,
} from './live-feed.js';
export {
  NotificationToast,
  type NotificationToastOwnProps,
  type NotificationToastProps,
  type NotificationToastTexts,
} from './notification-toast.js';
export {
  OnlineStatus,
  type OnlineStatusOwnProps,
  type OnlineStatusProps,
  type OnlineStatusTexts,
} from './online-status.js';
export {
  RealtimeChart,
  type RealtimeChartOwnProps,
  type RealtimeChartProps,
  type RealtimeChartTexts,
} from './realtime-chart.js';
export type { RowListOptions } from './row-list.js';
export type { RowSource } from './rows.js';
export type { ChartValue } from './time-series.js';
export type { ToastItem } from './toast.js';
export {
  TypingIndicator,
  type TypingIndicatorOwnProps,
  type TypingIndicatorProps,
  type TypingIndicatorTexts,
} from './typing-indicator.js';
