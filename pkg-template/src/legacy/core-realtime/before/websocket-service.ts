/** The connection as the generation before had it. */
import {
  type ConnectionState,
  type RealTimeHandlers,
  realTimeService,
  type WebSocketSubscription,
} from '../index.js';

/** What {@link WebSocketService.getStats} returns. */
export interface WebSocketServiceStats {
  connectionState: ConnectionState;
  activeSubscriptions: number;
  isConnected: boolean;
}

/** The connection and what is subscribed to, by kind and id. */
export class WebSocketService {
  /** The ids of the subscriptions, by kind and id. */
  readonly #active = new Map<string, { id: string; subscription: WebSocketSubscription }>();

  /** Connects, and begins the services. Rejects if this attempt fails. */
  async connect(token?: string): Promise<void> {
    await realTimeService.initialize(token);
    await realTimeService.connect(token);
  }

  /** Closes the connection. What is subscribed to comes again with the next {@link connect}. */
  disconnect(): void {
    realTimeService.disconnect();
  }

  /** Subscribes; does nothing if that was done. */
  subscribe(subscription: WebSocketSubscription): void {
    const name = `${subscription.type}:${subscription.id}`;
    if (this.#active.has(name)) return;
    this.#active.set(name, { id: realTimeService.subscribe(subscription), subscription });
  }

  /** Ends that; does nothing if it was not subscribed to. */
  unsubscribe({ type, id }: WebSocketSubscription): void {
    const name = `${type}:${id}`;
    const known = this.#active.get(name);
    this.#active.delete(name);
    if (known) realTimeService.unsubscribe(known.id);
  }

  /** Sets who is told; the former ones are told no more. */
  setHandlers(handlers: RealTimeHandlers): void {
    realTimeService.setHandlers(handlers);
  }

  /** Where the connection stands. */
  getConnectionState(): ConnectionState {
    return realTimeService.getConnectionState();
  }

  /** Whether messages flow. */
  isConnected(): boolean {
    return realTimeService.isConnected();
  }

  /** What is subscribed to. */
  getActiveSubscriptions(): WebSocketSubscription[] {
    return [...this.#active.values()].map(({ subscription }) => subscription);
  }

  /** Counts of what there is. */
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
