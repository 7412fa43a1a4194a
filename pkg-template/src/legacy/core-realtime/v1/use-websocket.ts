import { useEffect } from 'react';
import { useLatest } from '../../use-latest.js';
import { HANDLERS } from '../handlers.js';
import {
  type BillId,
  type BillUpdate,
  type CommunityUpdate,
  type UseWebSocketOptions as CurrentOptions,
  type EngagementMetrics,
  type RealTimeHandlers,
  type RealTimeNotification,
  realTimeService,
  useWebSocket as useCurrentWebSocket,
  type WebSocketView,
} from '../index.js';
import { useWatched } from '../use-watched.js';

export type Preferences = Readonly<Record<string, unknown>>;

let current: Preferences = {};

const getPreferences = (): Preferences => current;

/** Changes preferences, and sends them to the server. */
function updatePreferences(changes: Preferences): void {
  current = { ...current, ...changes };
  const message = { type: 'update_preferences', topic: 'user_notifications', data: { ...current } };
  realTimeService.getWebSocketManager().send(message);
}

/** Options of {@link useWebSocket}. */
export interface UseWebSocketOptions extends Pick<CurrentOptions, 'subscriptions' | 'token'> {
  /** Connect when the component is mounted. Default `true`. */
  autoConnect?: boolean;
  /** Handlers of events while the component is mounted. */
  handlers?: RealTimeHandlers;
}

/** What {@link useWebSocket} returns. */
export interface WebSocketHub extends WebSocketView {
  /** The last 50 updates by bill, newest first, without duplicates. */
  readonly billUpdates: Readonly<Record<string, readonly BillUpdate[]>>;
  /** The last 30 updates by community, newest first. */
  readonly communityUpdates: Readonly<Record<string, readonly CommunityUpdate[]>>;
  readonly engagementMetrics: Readonly<Record<string, EngagementMetrics>>;
  /** The newest 20 notifications; those with the same text within a second count as one. */
  readonly notifications: readonly RealTimeNotification[];
  /** Returns the last 50 updates of a bill, newest first, without duplicates. */
  readonly getBillUpdates: (billId: BillId) => readonly BillUpdate[];
  readonly getEngagementMetrics: (billId: BillId) => EngagementMetrics | undefined;
  /** Changes this user's preferences, and sends them to the server. */
  readonly updatePreferences: (changes: Preferences) => void;
  readonly getPreferences: () => Preferences;
}

/** The number of updates kept of one community. */
const LIMIT = 30;

/** Collects the updates of all communities, from the first access on. */
class CommunityFeed {
  #updates: Readonly<Record<string, readonly CommunityUpdate[]>> = {};
  #isListening = false;

  /** The updates by community, newest first; the same object until there is a new one. */
  get updates(): Readonly<Record<string, readonly CommunityUpdate[]>> {
    this.#listen();
    return this.#updates;
  }

  #listen(): void {
    if (this.#isListening) return;
    this.#isListening = true;
    realTimeService.on('communityUpdate', (update: CommunityUpdate) => {
      const known = this.#updates[update.discussionId] ?? [];
      const updates = [update, ...known].slice(0, LIMIT);
      this.#updates = { ...this.#updates, [update.discussionId]: updates };
    });
  }
}

const feed = /* @__PURE__ */ new CommunityFeed();

/** Returns the updates, newest first, without repetitions of the same type and time. */
function newestFirst(updates: readonly BillUpdate[]): BillUpdate[] {
  const seen = new Set<string>();
  return [...updates].reverse().filter(({ type, timestamp }) => {
    const name = `${type} ${timestamp}`;
    return !seen.has(name) && seen.add(name);
  });
}

/** Removes notifications that repeat the same text within a second. */
const onceASecond = (all: readonly RealTimeNotification[]): RealTimeNotification[] =>
  all.filter(
    ({ title, message, timestamp }, at) =>
      !all
        .slice(0, at)
        .some(
          (newer) =>
            newer.title === title &&
            newer.message === message &&
            Math.abs(Date.parse(newer.timestamp) - Date.parse(timestamp)) < 1_000,
        ),
  );

const getBillUpdates = (billId: BillId): readonly BillUpdate[] =>
  newestFirst(realTimeService.getBillTrackingService().getBillUpdates(billId));

const getEngagementMetrics = (billId: BillId): EngagementMetrics | undefined =>
  realTimeService.getBillTrackingService().getEngagementMetrics(billId) ?? undefined;

function useHandlers(handlers: RealTimeHandlers): void {
  const latest = useLatest(handlers);
  useEffect(() => {
    const ends = HANDLERS.map(([handler, event]) =>
      realTimeService.on(event, (value) => latest.current[handler]?.(value as never)),
    );
    return () => {
      for (const end of ends) end();
    };
  }, [latest]);
}

/**
 * Returns the connection, and the data received on it, with live updates.
 *
 * @deprecated Use `useConnection`, `useRealtimeChannel` and `useMessages` of `tidewire/react`.
 */
export function useWebSocket({
  autoConnect = true,
  subscriptions = [],
  handlers = {},
  token,
}: UseWebSocketOptions = {}): WebSocketHub {
  const view = useCurrentWebSocket({ autoConnect, subscriptions, token });
  const bills = realTimeService.getBillTrackingService();
  useWatched(bills);
  // The feed is updated before this service notifies its listeners.
  useWatched(realTimeService.getCommunityService());
  useHandlers(handlers);
  return {
    ...view,
    billUpdates: Object.fromEntries(
      [...bills.getAllBillUpdates()].map(([bill, updates]) => [bill, newestFirst(updates)]),
    ),
    communityUpdates: feed.updates,
    engagementMetrics: Object.fromEntries(bills.getAllEngagementMetrics()),
    notifications: onceASecond(
      realTimeService.getNotificationService().getAllNotifications(),
    ).slice(0, 20),
    getBillUpdates,
    getEngagementMetrics,
    updatePreferences,
    getPreferences,
  };
}
