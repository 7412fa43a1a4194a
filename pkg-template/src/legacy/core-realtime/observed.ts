/** The base of the services. */
import type { Unsubscribe } from '../../index.js';
import { ListenerList } from '../listeners.js';
import type { Fields } from './fields.js';
import type { BillId, MessageHandler, SubscribeOptions, WebSocketMessage } from './types.js';

export interface ServiceManager {
  subscribe(topic: string, callback: MessageHandler, options?: SubscribeOptions): string;
  unsubscribe(id: string): void;
  send(message: WebSocketMessage): void;
  emit?(event: string, ...values: unknown[]): void;
  whenShown?(work: () => void): void;
}

/** A service that handles messages of a manager. */
export abstract class ObservedService {
  readonly #listeners = new ListenerList();
  /** The ids of the subscriptions, by what was subscribed to. */
  readonly #subscriptions = new Map<BillId, string>();
  /** Received messages: one may be delivered by several subscriptions. */
  readonly #seen = new WeakSet<WebSocketMessage>();
  #version = 0;
  #isNotifying = false;

  constructor(protected readonly manager: ServiceManager) {}

  /** Handles a message, flat or with its fields in `data`. Messages of other services are ignored. */
  abstract handleMessage(message: WebSocketMessage): void;

  /** Does nothing; kept for compatibility. */
  async initialize(): Promise<void> {}

  getSubscriptionCount(): number {
    return this.#subscriptions.size;
  }

  /** Handles a message of a subscription, once. */
  readonly take = (message: WebSocketMessage): void => {
    if (this.#seen.has(message)) return;
    this.#seen.add(message);
    this.handleMessage(message);
  };

  /** Adds a listener of changes, which is called once per batch. */
  readonly watch = (listener: () => void): Unsubscribe => this.#listeners.add(listener);

  /** Returns a number that changes with each change. */
  readonly getVersion = (): number => this.#version;

  protected get keys(): BillId[] {
    return [...this.#subscriptions.keys()];
  }

  /** Subscribes once; returns the subscription's id. */
  protected enter(key: BillId, topic: string, fallback = String(key)): string {
    const known = this.#subscriptions.get(key);
    if (known !== undefined) return known;
    const id = this.manager.subscribe(topic, this.take) ?? fallback;
    this.#subscriptions.set(key, id);
    this.changed();
    return id;
  }

  protected leave(key: BillId): void {
    const id = this.#subscriptions.get(key);
    if (id === undefined) return;
    this.#subscriptions.delete(key);
    this.manager.unsubscribe(id);
    this.changed();
  }

  /** Sends a message with its fields in `data`. */
  protected send(type: string, data: Fields): void {
    this.manager.send({ type, data: { ...data, timestamp: new Date().toISOString() } });
  }

  /** Notifies the listeners of a change, and if an event is given, the manager's listeners of that event. */
  protected changed(event?: string, value?: unknown): void {
    this.#version += 1;
    if (event !== undefined) this.manager.emit?.(event, value);
    if (this.#isNotifying) return;
    this.#isNotifying = true;
    const notify = (): void => {
      this.#isNotifying = false;
      this.#listeners.emit();
    };
    if (this.manager.whenShown) this.manager.whenShown(notify);
    else queueMicrotask(notify);
  }
}
