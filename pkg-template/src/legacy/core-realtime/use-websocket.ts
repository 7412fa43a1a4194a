import { useCallback, useEffect, useMemo, useState } from 'react';
import { realTimeService } from './realtime-service.js';
import type {
  ConnectionQuality,
  RealTimeNotification,
  RecentActivity,
  WebSocketSubscription,
} from './types.js';
import { RefCounts, useRefCounts } from './use-ref-counts.js';
import { useWatched } from './use-watched.js';

/** Options of {@link useWebSocket}. */
export interface UseWebSocketOptions {
  /** Connect when the component is mounted. Default `false`. */
  autoConnect?: boolean;
  /** Subscriptions while the component is mounted. Default: none. */
  subscriptions?: readonly WebSocketSubscription[];
  /** Ignored: the client keeps retrying. */
  reconnectAttempts?: number;
  /** Ignored: the client has its own backoff. */
  reconnectInterval?: number;
  token?: string | undefined;
}

/** What {@link useWebSocket} returns. */
export interface WebSocketView {
  readonly isConnected: boolean;
  /** Whether a connection is being opened, for the first time or again. */
  readonly isConnecting: boolean;
  readonly connectionQuality: ConnectionQuality;
  /** The last error, until the connection has recovered. */
  readonly error: string | null;
  /** The newest 10 notifications. */
  readonly notifications: readonly RealTimeNotification[];
  readonly notificationCount: number;
  /** Returns the recent activity, newest first, at most 20. */
  readonly getRecentActivity: (limit?: number) => readonly RecentActivity[];
  readonly markNotificationRead: (id: string) => void;
  /** Connects. It never rejects: failures are in `error`. */
  readonly connect: () => Promise<void>;
  /** Closes the connection, for all components. */
  readonly disconnect: () => void;
  /** Subscribes, until the component is unmounted. Returns an id of the subscription. */
  readonly subscribe: (subscription: WebSocketSubscription) => string;
  readonly unsubscribe: (subscription: WebSocketSubscription) => void;
}

/** The subscriptions of all components. */
const ids = /* @__PURE__ */ new Map<string, string>();
const nameOf = ({ type, id }: WebSocketSubscription): string => `${type}:${id}`;
const subscriptions = /* @__PURE__ */ new RefCounts<string>(
  'a topic',
  (name) => {
    const at = name.indexOf(':');
    const type = name.slice(0, at) as WebSocketSubscription['type'];
    ids.set(name, realTimeService.subscribe({ type, id: name.slice(at + 1) }));
  },
  (name) => {
    realTimeService.unsubscribe(ids.get(name) ?? '');
    ids.delete(name);
  },
);

const getRecentActivity = (limit = 20) => realTimeService.getRecentActivity().slice(0, limit);
const disconnect = (): void => realTimeService.disconnect();
const markNotificationRead = (id: string): void =>
  void realTimeService.getNotificationService().markAsRead(id);

/**
 * Returns the connection, notifications and recent activity, with live updates. The connection is shared by the page:
 * unmounting the component does not close it; `disconnect()` and `realTimeService.shutdown()` do.
 *
 * @deprecated Use `useConnection` and `useRealtimeChannel` of `tidewire/react`.
 */
export function useWebSocket({
  autoConnect = false,
  subscriptions: initial = [],
  token,
}: UseWebSocketOptions = {}): WebSocketView {
  const manager = realTimeService.getWebSocketManager();
  const service = realTimeService.getNotificationService();
  useWatched(realTimeService);
  const version = useWatched(service);
  const [failure, setFailure] = useState<string | null>(null);
  const { acquire, release } = useRefCounts(subscriptions);

  const connect = useCallback(async () => {
    setFailure(null);
    try {
      await realTimeService.initialize(token);
      // If it was initialized before, it may be disconnected now, or have another token.
      await realTimeService.connect(token);
    } catch (error) {
      setFailure(error instanceof Error ? error.message : String(error));
    }
  }, [token]);
  const { subscribe, unsubscribe } = useMemo(
    () => ({
      subscribe(subscription: WebSocketSubscription) {
        acquire(nameOf(subscription));
        return ids.get(nameOf(subscription)) ?? nameOf(subscription);
      },
      unsubscribe: (subscription: WebSocketSubscription) => release(nameOf(subscription)),
    }),
    [acquire, release],
  );

  const names = initial.map(nameOf).join('\n');
  useEffect(() => {
    const keys = names ? names.split('\n') : [];
    for (const name of keys) acquire(name);
    return () => keys.forEach(release);
  }, [names, acquire, release]);
  useEffect(() => {
    if (autoConnect) connect();
  }, [autoConnect, connect]);

  const state = manager.getConnectionState();
  const connectionQuality = manager.getConnectionQuality();
  const error = state === 'connected' ? null : (manager.getLastError()?.message ?? failure);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the data depend on the service's version only
  const data = useMemo(
    () => ({
      notifications: service.getRecentNotifications(10),
      notificationCount: service.getUnreadCount(),
    }),
    [service, version],
  );
  return {
    isConnected: state === 'connected',
    isConnecting: state === 'connecting' || state === 'reconnecting',
    connectionQuality,
    error,
    ...data,
    getRecentActivity,
    markNotificationRead,
    connect,
    disconnect,
    subscribe,
    unsubscribe,
  };
}
