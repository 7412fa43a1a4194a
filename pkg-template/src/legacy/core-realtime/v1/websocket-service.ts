/** The first generation's connection. */
import {
  type ConnectionState,
  type RealTimeHandlers,
  type RealTimeStats,
  realTimeService,
  type WebSocketSubscription,
} from '../index.js';

/** What {@link WebSocketService.getStats} returns. */
export interface WebSocketServiceStats
  extends Pick<RealTimeStats, 'connectionState' | 'isConnected'> {
  activeSubscriptions: number;
}

/** The connection and its subscriptions, by kind and id. */
export class WebSocketService {
  readonly #active = new Map<string, { id: string; subscription: WebSocketSubscription }>();

  /** Connects, and starts the services. Rejects if this attempt fails. */
  async connect(token?: string): Promise<void> {
    await realTimeService.initialize(token);
    await realTimeService.connect(token);
  }

  /** Closes the connection. Subscriptions are restored by the next {@link connect}. */
  disconnect(): void {
    realTimeService.disconnect();
  }

  /** Subscribes; does nothing if there is such a subscription. */
  subscribe(subscription: WebSocketSubscription): void {
    const name = `${subscription.type}:${subscription.id}`;
    if (this.#active.has(name)) return;
    this.#active.set(name, { id: realTimeService.subscribe(subscription), subscription });
  }

  /** Unsubscribes; does nothing if there is no such subscription. */
  unsubscribe({ type, id }: WebSocketSubscription): void {
    const name = `${type}:${id}`;
    const known = this.#active.get(name);
    this.#active.delete(name);
    if (known) realTimeService.unsubscribe(known.id);
  }

  setHandlers(handlers: RealTimeHandlers): void {
    realTimeService.setHandlers(handlers);
  }

  getConnectionState(): ConnectionState {
    return realTimeService.getConnectionState();
  }

  isConnected(): boolean {
    return realTimeService.isConnected();
  }

  getActiveSubscriptions(): WebSocketSubscription[] {
    return [...this.#active.values()].map(({ subscription }) => subscription);
  }

  getStats(): WebSocketServiceStats {
    return {
      connectionState: this.getConnectionState(),
      activeSubscriptions: this.#active.size,
      isConnected: this.isConnected(),
    };
  }
}

/**
 * The page's connection.
 *
 * @deprecated Use `realtimeClient` of `tidewire`.
 */
export const webSocketService: WebSocketService = /* @__PURE__ */ new WebSocketService();
