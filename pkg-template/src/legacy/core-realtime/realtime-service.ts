/** The three services on one manager. */
import type { Unsubscribe } from '../../index.js';
import { ListenerList } from '../listeners.js';
import { BillTrackingService } from './bill-tracking.js';
import { CommunityService } from './community.js';
import { getRealTimeConfig } from './configuration.js';
import type { EventListener } from './event-emitter.js';
import { billIdOf, fieldsOf, textOf, timestampOf } from './fields.js';
import { HANDLERS } from './handlers.js';
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

/** Types of messages that are not added to the activity. */
const NO_ACTIVITY = /^(typing_|mark_notification_read|clear_|notification_(read|clear))/;

/** The parts of the service. They are created at the first use, so that importing has no effect. */
interface Parts {
  manager: UnifiedWebSocketManager;
  bills: BillTrackingService;
  community: CommunityService;
  notifications: NotificationService;
}

/**
 * The connection and the services, started and stopped together.
 *
 * @deprecated Use `realtimeClient` of `tidewire` and the services of `tidewire/services`.
 */
export class RealTimeService {
  #activity: readonly RecentActivity[] = [];
  #activities = 0;
  readonly #listeners = new ListenerList();
  #parts: Parts | undefined;
  #handlers: RealTimeHandlers = {};
  #initialized: Promise<void> | undefined;
  #version = 0;

  /**
   * Connects, then starts the services. Calling it again does nothing, until {@link shutdown}.
   *
   * @returns a promise that rejects if the connection fails; the method may then be called again
   */
  initialize(token?: string): Promise<void> {
    this.#initialized ??= this.#begin(token).catch((error) => {
      this.#initialized = undefined;
      throw error;
    });
    return this.#initialized;
  }

  /** Ends the services, all subscriptions and the connection. */
  async shutdown(): Promise<void> {
    const { manager, bills, community, notifications } = this.#all();
    await Promise.all([bills.shutdown(), community.shutdown(), notifications.shutdown()]);
    this.#handlers = {};
    this.#initialized = undefined;
    manager.disconnect();
  }

  connect(token?: string): Promise<void> {
    return this.#all().manager.connect(token);
  }

  /** Closes the connection. Subscriptions are restored by the next {@link connect}. */
  disconnect(): void {
    this.#all().manager.suspend();
  }

  isConnected(): boolean {
    return this.#all().manager.isConnected();
  }

  getConnectionState(): ConnectionState {
    return this.#all().manager.getConnectionState();
  }

  /** Subscribes by kind and id; the services receive the messages. Returns the subscription's id. */
  subscribe({ type, id }: WebSocketSubscription): string {
    const { manager, bills, community, notifications } = this.#all();
    return manager.subscribe(`${type}:${id}`, (message) => {
      for (const service of [bills, community, notifications]) service.take(message);
    });
  }

  /** Unsubscribes. Unknown ids are ignored. */
  unsubscribe(id: string): void {
    this.#all().manager.unsubscribe(id);
  }

  getBillTrackingService(): BillTrackingService {
    return this.#all().bills;
  }

  getCommunityService(): CommunityService {
    return this.#all().community;
  }

  getNotificationService(): NotificationService {
    return this.#all().notifications;
  }

  getWebSocketManager(): UnifiedWebSocketManager {
    return this.#all().manager;
  }

  setHandlers(handlers: RealTimeHandlers): void {
    this.#all();
    this.#handlers = handlers;
  }

  /** Listens to an event of the manager; returns the function that removes the listener. */
  on(event: string, listener: EventListener): Unsubscribe {
    return this.#all().manager.on(event, listener);
  }

  off(event: string, listener: EventListener): void {
    this.#all().manager.off(event, listener);
  }

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

  /** Returns the recent activity, newest first, at most 20; the same array until there is a new one. */
  getRecentActivity(): readonly RecentActivity[] {
    return this.#activity;
  }

  /** Listens to changes of the connection and the activity. */
  readonly watch = (listener: () => void): Unsubscribe => {
    this.#all();
    return this.#listeners.add(listener);
  };

  /** Returns a number that changes with each of these changes. */
  readonly getVersion = (): number => this.#version;

  async #begin(token: string | undefined): Promise<void> {
    const { bills, community, notifications } = this.#all();
    try {
      await this.connect(token);
    } finally {
      // The client retries after a failed attempt, so the services must be started then too.
      if (this.#initialized) {
        await Promise.all([bills.initialize(), community.initialize(), notifications.initialize()]);
      }
    }
  }

  /** Adds a message to the recent activity, unless its type is excluded; returns whether it was added. */
  #addActivity(message: WebSocketMessage): boolean {
    const { type = 'message' } = message;
    if (NO_ACTIVITY.test(type)) return false;
    const fields = fieldsOf(message);
    const bill = billIdOf(fields.billId);
    this.#activities += 1;
    const activity: RecentActivity = {
      id: textOf(fields.id) ?? `activity_${this.#activities}`,
      type,
      timestamp: timestampOf(fields.timestamp),
      ...(bill !== undefined && { bill_id: bill }),
    };
    this.#activity = [activity, ...this.#activity].slice(0, 20);
    return true;
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
    let isNotifying = false;
    const notify = (): void => {
      isNotifying = false;
      this.#version += 1;
      this.#listeners.emit();
    };
    manager.on('change', notify);
    manager.on('message', (message: WebSocketMessage) => {
      if (!this.#addActivity(message) || isNotifying) return;
      isNotifying = true;
      manager.whenShown(notify);
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
