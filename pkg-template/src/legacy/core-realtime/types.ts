/** The messages of the legacy civic module, and the types of its services. */

/** A bill's number, or its name on servers where bills have names. */
export type BillId = number | string;

/** A time in ISO 8601. */
export type Timestamp = string;

export type ConnectionState =
  | 'disconnected'
  | 'connecting'
  | 'connected'
  | 'reconnecting'
  | 'failed';

export type ConnectionQuality = 'excellent' | 'good' | 'poor' | 'disconnected';

/** A message, flat or with its fields in `data`, in camelCase or snake_case. */
export interface WebSocketMessage {
  /** The type: `bill_update`, `comment_update`, `notification` and so on. */
  type?: string;
  /** The topic: `bill:1`, `discussion:1`. Without it the topic is read from the ids. */
  topic?: string;
  [field: string]: unknown;
}

/** Receives each message of a topic. */
export type MessageHandler = (message: WebSocketMessage) => void;

export interface SubscribeOptions {
  /** Only messages whose top-level fields have these values; of an array, any of them. */
  filters?: Record<string, unknown>;
  /** Ignored: messages are delivered in order. Default `'medium'`. */
  priority?: 'low' | 'medium' | 'high';
}

/** A subscription by kind and id. */
export interface WebSocketSubscription {
  type: 'bill' | 'community' | 'user_notifications' | 'expert_updates';
  id: number | string;
}

/** The type of a bill's update. */
export type BillUpdateType =
  | 'status_change'
  | 'engagement'
  | 'amendment'
  | 'voting_scheduled'
  | 'update';

/** An update of a bill. */
export interface BillUpdate {
  type: BillUpdateType;
  /** The bill and the fields of the update, each under its camelCase name too. */
  data: { billId: BillId; [field: string]: unknown };
  timestamp: Timestamp;
}

export interface EngagementMetrics {
  bill_id: BillId;
  viewCount?: number;
  saveCount?: number;
  commentCount?: number;
  shareCount?: number;
  timestamp: Timestamp;
}

/** A comment was made, changed or deleted. */
export interface CommentUpdate {
  commentId: string;
  billId: BillId;
  /** The comment it is a reply to. */
  parentId?: string;
  action: 'created' | 'updated' | 'deleted';
  data: Record<string, unknown>;
  timestamp: Timestamp;
}

export interface VoteUpdate {
  billId: BillId;
  userId: string;
  voteType: 'support' | 'oppose' | 'neutral';
  timestamp: Timestamp;
}

/** A user is typing, or has stopped. */
export interface TypingIndicator {
  userId: string;
  billId: BillId;
  /** The comment that the user is replying to. */
  parentId?: string;
  isTyping: boolean;
  timestamp: Timestamp;
}

/** An event of a community: a message of `community:…`, of the experts or of the moderation. */
export interface CommunityUpdate {
  type: string;
  discussionId: string;
  data: Record<string, unknown>;
  timestamp: Timestamp;
}

export type NotificationPriority = 'low' | 'normal' | 'high';

export type NotificationType = 'info' | 'warning' | 'error' | 'success';

export interface RealTimeNotification {
  id: string;
  type: NotificationType;
  title: string;
  message: string;
  priority: NotificationPriority;
  data?: Record<string, unknown>;
  timestamp: Timestamp;
  read: boolean;
}

export interface RecentActivity {
  id: string;
  type: string;
  timestamp: Timestamp;
  bill_id?: BillId;
}

export interface RealTimeHandlers {
  onConnectionChange?: (state: ConnectionState) => void;
  onError?: (error: Error) => void;
  onBillUpdate?: (update: BillUpdate) => void;
  onCommunityUpdate?: (update: CommunityUpdate) => void;
  onNotification?: (notification: RealTimeNotification) => void;
  onTypingIndicator?: (indicator: TypingIndicator) => void;
  onCommentUpdate?: (update: CommentUpdate) => void;
  onVoteUpdate?: (update: VoteUpdate) => void;
}

/** What `BillTrackingService.getStats` returns. */
export interface BillTrackingStats {
  subscribedBills: number;
  /** The number of updates kept, of all bills. */
  totalUpdates: number;
  /** Always 0: updates are not queued. */
  queuedUpdates: number;
  /** The number of bills with metrics. */
  engagementMetrics: number;
}

/** What `CommunityService.getStats` returns. */
export interface CommunityStats {
  subscribedDiscussions: number;
  /** Subscriptions to the experts' updates: 0 or 1. */
  subscribedExperts: number;
  activeTypingIndicators: number;
  recentComments: number;
  recentVotes: number;
}

/** What `NotificationService.getStats` returns. */
export interface NotificationStats {
  totalNotifications: number;
  unreadNotifications: number;
  notificationsByType: Record<NotificationType, number>;
  notificationsByPriority: Record<NotificationPriority, number>;
  isSubscribed: boolean;
}

/** What `realTimeService.getStats` returns. */
export interface RealTimeStats {
  connectionState: ConnectionState;
  isConnected: boolean;
  /** The manager's subscriptions. */
  subscriptionCount: number;
  billSubscriptions: number;
  communitySubscriptions: number;
  notificationSubscriptions: number;
}
