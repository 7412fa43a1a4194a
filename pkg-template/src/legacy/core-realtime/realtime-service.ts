/** The three services on one manager. */
import type { Unsubscribe } from '../../index.js';
import { Activity } from './activity.js';
import { BillTrackingService } from './bill-tracking.js';
import { CommunityService } from './community.js';
import { getRealTimeConfig } from './configuration.js';
import type { EventListener } from './event-emitter.js';
import { UnifiedWebSocketManager } from './manager.js';
import { NotificationService } from './notifications.js';
import type {
  ConnectionState,
  RealTimeHandlers,
  RealTimeStats,
  RecentActivity,
  WebSocketMessage,
  WebSocketSubscription,
} from './types.js';

/** The events of the manager, by the handler that is told. */
const HANDLERS: readonly [handler: keyof RealTimeHandlers, event: string][] = [
  ['onConnectionChange', 'stateChange'],
  ['onError', 'error'],
  ['onBillUpdate', 'billUpdate'],
  ['onCommunityUpdate', 'communityUpdate'],
  ['onNotification', 'notification'],
  ['onTypingIndicator', 'typingIndicator'],
  ['onCommentUpdate', 'commentUpdate'],
  ['onVoteUpdate', 'voteUpdate'],
];

/** The parts, made at the first use: importing has no effect. */
interface Parts {
  manager: UnifiedWebSocketManager;
  bills: BillTrackingService;
  community: CommunityService;
  notifications: NotificationService;
}

/** A subscription by kind and id. */
interface Held {
  what: WebSocketSubscription;
  /** The manager's id of it. */
  id: string;
}

/**
 * The connection and the services, begun and ended together.
 *
 * @deprecated Use `realtimeClient` of `tidewire` and the services of `tidewire/services`.
 */
export class RealTimeService {
  readonly #activity = new Activity();
  readonly #held = new Map<string, Held>();
  readonly #listeners = new Set<() => void>();
  #parts: Parts | undefined;
  #handlers: RealTimeHandlers = {};
  #beginning: Promise<void> | undefined;
  #version = 0;

  /**
   * Connects, then begins the services. Calling it again does nothing, until {@link shutdown}.
   *
   * @returns rejects if the connection cannot be made; then it may be called again
   */
  initialize(token?: string): Promise<void> {
    this.#beginning ??= this.#begin(token).catch((error) => {
      this.#beginning = undefined;
      throw error;
    });
    return this.#beginning;
  }

  /** Ends the services, all subscriptions and the connection. */
  async shutdown(): Promise<void> {
    const { manager, bills, community, notifications } = this.#all();
    await Promise.all([bills.shutdown(), community.shutdown(), notifications.shutdown()]);
    this.#held.clear();
    this.#handlers = {};
    this.#beginning = undefined;
    manager.disconnect();
  }

  /** Connects, like the manager's `connect`. */
  connect(token?: string): Promise<void> {
    return this.#all().manager.connect(token);
  }

  /** Closes the connection. What is subscribed to comes again with the next {@link connect}. */
  disconnect(): void {
    const { manager, bills, community, notifications } = this.#all();
    manager.disconnect();
    // The manager has dropped all subscriptions.
    for (const service of [bills, community, notifications]) service.renew();
    for (const held of this.#held.values()) held.id = this.#subscribe(held.what);
  }

  /** Whether messages flow. */
  isConnected(): boolean {
    return this.#all().manager.isConnected();
  }

  /** Where the connection stands. */
  getConnectionState(): ConnectionState {
    return this.#all().manager.getConnectionState();
  }

  /** Subscribes by kind and id; what comes is in the services. Returns the subscription's id. */
  subscribe(subscription: WebSocketSubscription): string {
    const id = this.#subscribe(subscription);
    this.#held.set(id, { what: subscription, id });
    return id;
  }

  /** Ends it. An unknown id is none. */
  unsubscribe(id: string): void {
    const held = this.#held.get(id);
    this.#held.delete(id);
    this.#all().manager.unsubscribe(held?.id ?? id);
  }

  /** The updates of bills. */
  getBillTrackingService(): BillTrackingService {
    return this.#all().bills;
  }

  /** What people say. */
  getCommunityService(): CommunityService {
    return this.#all().community;
  }

  /** What this user is told. */
  getNotificationService(): NotificationService {
    return this.#all().notifications;
  }

  /** The manager beneath. */
  getWebSocketManager(): UnifiedWebSocketManager {
    return this.#all().manager;
  }

  /** Sets who is told; the former ones are told no more. */
  setHandlers(handlers: RealTimeHandlers): void {
    this.#all();
    this.#handlers = handlers;
  }

  /** Listens to an event of the manager; returns what ends that. */
  on(event: string, listener: EventListener): Unsubscribe {
    return this.#all().manager.on(event, listener);
  }

  /** Ends listening. */
  off(event: string, listener: EventListener): void {
    this.#all().manager.off(event, listener);
  }

  /** Counts of what there is. */
  getStats(): RealTimeStats {
    const { manager, bills, community, notifications } = this.#all();
    return {
      connectionState: manager.getConnectionState(),
      isConnected: manager.isConnected(),
      subscriptionCount: manager.getSubscriptionCount(),
      billSubscriptions: bills.getSubscriptionCount(),
      communitySubscriptions: community.getSubscriptionCount(),
      notificationSubscriptions: notifications.getSubscriptionCount(),
    };
  }

  /** What happened lately, newest first, at most 20; the same array until there is more. */
  getRecentActivity(): readonly RecentActivity[] {
    return this.#activity.items;
  }

  /** Watches the connection and the activity, from the moment on when there is a page. */
  readonly watch = (listener: () => void): Unsubscribe => {
    this.#all();
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Another number after each change of these. */
  readonly getVersion = (): number => this.#version;

  async #begin(token: string | undefined): Promise<void> {
    const { bills, community, notifications } = this.#all();
    try {
      await this.connect(token);
    } finally {
      // The client goes on trying after a failed attempt: what comes then must find the services.
      if (this.#beginning) {
        await Promise.all([bills.initialize(), community.initialize(), notifications.initialize()]);
      }
    }
  }

  /** Has the services take in what comes. */
  #subscribe({ type, id }: WebSocketSubscription): string {
    const { manager, bills, community, notifications } = this.#all();
    return manager.subscribe(`${type}:${id}`, (message) => {
      for (const service of [bills, community, notifications]) service.take(message);
    });
  }

  #all(): Parts {
    this.#parts ??= this.#make();
    return this.#parts;
  }

  #make(): Parts {
    const manager = UnifiedWebSocketManager.getInstance(getRealTimeConfig().websocket);
    for (const [handler, event] of HANDLERS) {
      manager.on(event, (value) => this.#handlers[handler]?.(value as never));
    }
    let isTelling = false;
    const tell = (): void => {
      isTelling = false;
      this.#version += 1;
      for (const listener of [...this.#listeners]) listener();
    };
    manager.on('change', tell);
    manager.on('message', (message: WebSocketMessage) => {
      if (!this.#activity.add(message) || isTelling) return;
      isTelling = true;
      manager.whenShown(tell);
    });
    return {
      manager,
      bills: new BillTrackingService(manager),
      community: new CommunityService(manager),
      notifications: new NotificationService(manager),
    };
  }
}

/**
 * The page's service.
 *
 * @deprecated Use `realtimeClient` of `tidewire` and the services of `tidewire/services`.
 */
export const realTimeService: RealTimeService = /* @__PURE__ */ new RealTimeService();
