/** The first generation's hooks on its `useWebSocket`. */
import type {
  BillId,
  BillUpdate,
  CommunityUpdate,
  EngagementMetrics,
  RealTimeNotification,
} from '../index.js';
import { useWebSocket, type WebSocketHub } from './use-websocket.js';

/** What {@link useBillRealTime} returns: the result of `useWebSocket`, for one bill. */
export interface BillRealTime extends Omit<WebSocketHub, 'billUpdates' | 'engagementMetrics'> {
  /** The last 50 updates of the bill, newest first. */
  readonly billUpdates: readonly BillUpdate[];
  readonly engagementMetrics: EngagementMetrics | undefined;
}

/**
 * Returns one bill with live updates.
 *
 * @deprecated Use the service `bills` of `tidewire/services`.
 */
export function useBillRealTime(billId: BillId): BillRealTime {
  const hub = useWebSocket({ subscriptions: [{ type: 'bill', id: billId }] });
  return {
    ...hub,
    billUpdates: hub.getBillUpdates(billId),
    engagementMetrics: hub.getEngagementMetrics(billId),
  };
}

/** What {@link useCommunityRealTime} returns: the result of `useWebSocket`, for one discussion. */
export interface DiscussionRealTime extends Omit<WebSocketHub, 'communityUpdates'> {
  /** The last 30 updates of the discussion, newest first. */
  readonly communityUpdates: readonly CommunityUpdate[];
}

/**
 * Returns one discussion with live updates.
 *
 * @deprecated Use the service `community` of `tidewire/services`.
 */
export function useCommunityRealTime(discussionId: string): DiscussionRealTime {
  const hub = useWebSocket({ subscriptions: [{ type: 'community', id: discussionId }] });
  return { ...hub, communityUpdates: hub.communityUpdates[discussionId] ?? [] };
}

/** What {@link useNotifications} returns. */
export interface NotificationsView {
  readonly notifications: readonly RealTimeNotification[];
  readonly notificationCount: number;
  readonly markAsRead: (id: string) => void;
  readonly isConnected: boolean;
}

/**
 * Returns this user's notifications with live updates.
 *
 * @deprecated Use the service `notifications` of `tidewire/services`.
 */
export function useNotifications(): NotificationsView {
  const { notifications, notificationCount, markNotificationRead, isConnected } = useWebSocket({
    subscriptions: [{ type: 'user_notifications', id: 'user' }],
  });
  return { notifications, notificationCount, markAsRead: markNotificationRead, isConnected };
}

/**
 * Returns the updates of one bill, or of all bills, newest first.
 *
 * @deprecated Use the service `bills` of `tidewire/services`.
 */
export function useBillUpdates(billId?: BillId): readonly BillUpdate[] {
  const hub = useWebSocket(
    billId === undefined ? {} : { subscriptions: [{ type: 'bill', id: billId }] },
  );
  if (billId !== undefined) return hub.getBillUpdates(billId);
  return Object.values(hub.billUpdates)
    .flat()
    .sort((a, b) => b.timestamp.localeCompare(a.timestamp));
}

/**
 * Returns the connection only.
 *
 * @deprecated Use `useConnection` of `tidewire/react`.
 */
export function useWebSocketConnection(): Pick<
  WebSocketHub,
  'isConnected' | 'isConnecting' | 'connectionQuality' | 'error' | 'connect' | 'disconnect'
> {
  const { isConnected, isConnecting, connectionQuality, error, connect, disconnect } =
    useWebSocket();
  return { isConnected, isConnecting, connectionQuality, error, connect, disconnect };
}
